#!/usr/bin/env node
import { createProgram } from "./program";

// A reader that has gone away (`images up | head`) is no reason to leave a deployment half done.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

void createProgram().parseAsync();
