import path from "node:path";

/** The package's folder: tests run compiled, from `dist/test/support`. */
export const root = path.resolve(__dirname, "..", "..", "..");
export const imagesCommand = path.resolve(__dirname, "..", "..", "cli", "main.js");
export const fixtures = path.join(root, "test", "fixtures");
