/**
 * Puts off loading a CommonJS module until something of it is used: whoever requires it gets a stand-in until then, or
 * until what this returns is called.
 */
export function loadLazily(load: NodeJS.Require, request: string): () => void {
  let file: string;
  try {
    file = load.resolve(request);
  } catch {
    return () => {};
  }
  const forget = (): void => {
    if (load.cache[file] === standIn) delete load.cache[file];
  };
  const real = (): object => {
    forget();
    return load(file) as object;
  };
  const exports = new Proxy({} as object, {
    // TypeScript's helpers ask this of each module that they load; of a module that says yes they copy nothing.
    get: (_, key) => (key === "__esModule" ? true : propertyOf(real(), key)),
    has: (_, key) => Reflect.has(real(), key),
    set: (_, key, value) => Reflect.set(real(), key, value),
    ownKeys: () => Reflect.ownKeys(real()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(real(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
  const standIn = { id: file, filename: file, loaded: true, exports } as NodeJS.Module;
  load.cache[file] = standIn;
  return forget;
}

/** Whoever takes a module for an ES module asks it for its default export, which others are themselves. */
function propertyOf(module: object, key: string | symbol): unknown {
  return key === "default" && !Reflect.get(module, "__esModule") ? module : Reflect.get(module, key);
}
