import Sequencer from '@jest/test-sequencer';

/** Bots in processes of their own take longest and mostly wait, so none of them is left for the end. */
const FIRST = ['/test/e2e/', '/test/contract/', '/test/simulation/'];

/** Within a kind the order is jest's: by the durations of the last run, and in a new clone by the size of the files. */
export default class KindSequencer extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => FIRST.findIndex((kind) => path.includes(kind)) + 1 || FIRST.length + 1;
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
