export { randomClient } from "./random-client";
