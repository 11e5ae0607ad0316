// npm run bench: measures what the project promises, as a table and as JSON.
import { build, install, must, node } from "./run.mjs";

install();
build();
must(...node("dist/bench/main.js", ...process.argv.slice(2)));
