/** The chat's types under the names that the views use. */
import type { Row } from "./generated.js";

export type * from "./generated.js";
export type Block = Row["blocks"][number];
