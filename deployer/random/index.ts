export { serveRandom } from "./serve-random";
