import type { ChildName } from '../ipc/messages.js';
import { programFile } from '../ipc/program-file.js';
import type { Program } from './child-process-run.js';

export type Programs = Readonly<Record<ChildName, Program>>;

/** The built programs of the children; `root` is the folder of the project. */
export function builtPrograms(root: string): Programs {
  const built = (name: ChildName): Program => ({
    file: programFile(root, name),
    execArgv: [],
  });
  return { engine: built('engine'), projector: built('projector'), web: built('web'), worker: built('worker') };
}
