/** What of nodemailer the tests use; it brings no types of its own. */
declare module 'nodemailer' {
  export interface Transport {
    sendMail(message: Readonly<Record<string, unknown>>): Promise<{ readonly response: string }>;
    close(): void;
  }
  export function createTransport(options: Readonly<Record<string, unknown>>): Transport;
}
