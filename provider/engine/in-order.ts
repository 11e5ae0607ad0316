/** Works on several items at a time, and gives the results in the items' order. What fails ahead is told in its turn. */
export async function* mapInOrder<A, B>(
  items: AsyncIterable<A> | Iterable<A>,
  lanes: number,
  work: (item: A) => Promise<B>,
): AsyncGenerator<B> {
  const ahead: Promise<B>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      result.catch(() => undefined);
      ahead.push(result);
      if (ahead.length >= lanes) yield await ahead.shift()!;
    }
    while (ahead.length > 0) yield await ahead.shift()!;
  } finally {
    await Promise.allSettled(ahead);
  }
}
