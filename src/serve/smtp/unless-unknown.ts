/** A recipient that the rules allow is refused when nobody here has that name. */
import type { ByteString } from '../../system/index.ts';
import type { RecipientJudgement } from './session-contract.ts';
import { texts } from './texts.ts';

export async function unlessUnknown(
  judged: RecipientJudgement,
  isKnown: (address: ByteString) => Promise<boolean>,
): Promise<RecipientJudgement> {
  if (!judged.ok || (await isKnown(judged.address))) return judged;
  return { ok: false, reply: texts.noSuchRecipient };
}
