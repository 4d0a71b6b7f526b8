/** Child of the esdb bench: a protocol double in a process of its own, so that server and client do not share one thread. */
import { EsdbDouble } from '../support/esdb-double/double.js';

const double = await EsdbDouble.start({ batchAppend: true });
process.on('message', () => process.send?.({ calls: double.calls, bytes: double.bytes }));
process.on('disconnect', () => process.exit(0));
process.send?.({ url: double.url });
