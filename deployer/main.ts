#!/usr/bin/env node
import { createProgram } from "./cli/program";

void createProgram().parseAsync();
