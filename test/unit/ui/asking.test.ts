import { afterEach, expect, test } from '@jest/globals';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { Asking } from '../../../src/ui/api/asking.js';
import { eventually } from '../../support/eventually.js';

const KEY = ['figures'];

/** Calls of the server that are on their way; each is answered by the test. */
interface Call {
  readonly signal: AbortSignal;
  readonly answer: (figure: number) => void;
}

let client = new QueryClient();
let leave = (): void => undefined;

afterEach(() => {
  leave();
  client.clear();
  client = new QueryClient();
});

/** A page that shows one answer, and has its first one. */
async function shownPage(): Promise<{ readonly calls: Call[]; readonly shown: () => number | undefined }> {
  const calls: Call[] = [];
  const page = new QueryObserver<number>(client, {
    queryKey: KEY,
    queryFn: ({ signal }) => new Promise((answer) => void calls.push({ signal, answer })),
  });
  leave = page.subscribe(() => undefined);
  await eventually('the first call', () => calls.length === 1);
  calls[0]?.answer(1);
  const shown = (): number | undefined => client.getQueryData(KEY);
  await eventually('the first answer', () => shown() === 1);
  return { calls, shown };
}

test('what happens while an answer is on its way is asked for once more, and breaks nothing off', async () => {
  const { calls, shown } = await shownPage();
  const asking = new Asking(client);
  for (let event = 0; event < 5; event += 1) asking.again({ queryKey: KEY });
  await eventually('the call for the first event', () => calls.length === 2);
  asking.again({ queryKey: KEY });
  calls[1]?.answer(2);
  await eventually('the call for the others', () => calls.length === 3);
  expect([shown(), calls[1]?.signal.aborted]).toEqual([2, false]);
  calls[2]?.answer(3);
  await eventually('the last answer', () => shown() === 3);
  asking.again({ queryKey: KEY });
  await eventually('the call for the next event', () => calls.length === 4);
  expect(calls).toHaveLength(4);
});

test('an answer that was asked for before the event is not taken for one of after it', async () => {
  const { calls, shown } = await shownPage();
  void client.refetchQueries({ queryKey: KEY });
  await eventually('a call by the poll', () => calls.length === 2);
  new Asking(client).again({ queryKey: KEY });
  calls[1]?.answer(2);
  await eventually('the call for the event', () => calls.length === 3);
  calls[2]?.answer(3);
  await eventually('the answer of after the event', () => shown() === 3);
  expect(calls[1]?.signal.aborted).toBe(false);
});

test('an answer that no page shows is not asked for', async () => {
  const { calls } = await shownPage();
  leave();
  new Asking(client).again({ queryKey: KEY });
  await eventually('that it is noted as old', () => client.getQueryState(KEY)?.isInvalidated === true);
  expect(calls).toHaveLength(1);
});
