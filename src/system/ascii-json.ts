/**
 * JSON for byte strings. JSON is text and mail is bytes: each byte over 126 is written as \u00NN, so that the line is
 * ASCII whatever a peer has put into an address, and reading it gives the same bytes back.
 */

/** One value as one line, without its line end. */
export function asciiJson(value: object): string {
  const text = JSON.stringify(value);
  let result = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    result += code > 126 ? `\\u${code.toString(16).padStart(4, '0')}` : text.charAt(index);
  }
  return result;
}
