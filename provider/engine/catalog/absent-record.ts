import { Fault } from "../violation";

/** For a change of a record that isn't there: whoever asks for one has seen it there before. */
export function absentRecord(noun: string, id: string, cause?: unknown): Fault {
  const says = "it isn't in the catalogue. Another run has deleted it, or took this one for dead: run again";
  return new Fault(`Changing ${noun} ${id}`, { says, cause });
}
