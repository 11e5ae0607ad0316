import type { Bucket } from "../../s3/bucket";
import { BucketError } from "../../s3/bucket-requests";
import { s3Fault } from "../../s3/s3-faults";
import { Fault } from "../../violation";
import type { Watch } from "../disk-store";
import { diskFault } from "../faults";
import { SealedFlaw } from "./sealed/sealed-flaws";

/** Something that a store does. */
export interface Attempt {
  /** "Copying disk a to b": for faults. */
  doing: string;
  /** Makes no request any more once the attempt is to stop. */
  bucket: Bucket;
}

interface Plan extends Attempt, Pick<Watch, "signal"> {
  /** Where it writes on this machine. */
  folder: string;
}

/** Does it, and words whatever goes wrong. */
export async function attempt<T>(
  { doing, bucket, signal, folder }: Plan,
  work: (attempt: Attempt) => Promise<T>,
): Promise<T> {
  try {
    signal?.throwIfAborted();
    return await work({ doing, bucket: signal ? bucket.with({ signal }) : bucket });
  } catch (error) {
    if (signal?.aborted) throw diskFault(error, doing, folder, signal);
    if (error instanceof BucketError) throw s3Fault(error.cause, doing, bucket.name);
    if (error instanceof SealedFlaw) throw new Fault(doing, { says: error.message, cause: error });
    throw diskFault(error, doing, folder);
  }
}
