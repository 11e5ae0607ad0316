import { setImmediate as nextTick } from "node:timers/promises";
import type { Catalog, CatalogView } from "../catalog/catalog";

interface Question {
  ask(view: CatalogView): Promise<unknown>;
  learn(answer: never): void;
}

/**
 * Puts questions to the catalogue, each at most once. What is asked in one tick is read together, as it is at one
 * moment. A failure isn't kept: what was in the way may be gone at the next try.
 */
export class Questions {
  private readonly put = new Map<string, Promise<void>>();
  private waiting: Question[] = [];
  private reading: Promise<void> = Promise.resolve();

  constructor(private readonly catalog: Catalog) {}

  /** Resolves when `learn` has been told the answer to the question that has this key. */
  once<Answer>(
    key: string,
    ask: (view: CatalogView) => Promise<Answer>,
    learn: (answer: Answer) => void,
  ): Promise<void> {
    const before = this.put.get(key);
    if (before) return before;
    if (this.waiting.length === 0) this.reading = nextTick().then(() => this.read());
    this.waiting.push({ ask, learn });
    const answered = this.reading;
    this.put.set(key, answered);
    answered.catch(() => this.put.delete(key));
    return answered;
  }

  /** Resolves when nothing that was asked is on its way any more. */
  async settled(): Promise<void> {
    let last;
    // An answer may have asked further.
    do {
      last = this.reading;
      await last.catch(() => undefined);
    } while (last !== this.reading);
  }

  private async read(): Promise<void> {
    const questions = this.waiting;
    this.waiting = [];
    const answers = await this.catalog.read((view) => Promise.all(questions.map(({ ask }) => ask(view))));
    questions.forEach(({ learn }, index) => learn(answers[index] as never));
  }
}
