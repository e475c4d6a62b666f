/**
 * Loaded before every test file of `deno task test`: a program's operators compute on one thread. Two files are tested at a time, and
 * threads that wait for each other's cores take as much time as the tests themselves. On all cores, as a user's programs do, compute
 * the processes that tests start, and the tasks beside this one.
 */
import { limitThreads } from "../onnx/providers/threads.ts";

limitThreads(1);
