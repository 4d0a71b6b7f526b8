import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type SubmitEvent, type ReactElement } from 'react';
import { api, send } from '../api/client.js';
import { asProblem, type Problem } from '../api/problem.js';
import { queries } from '../api/query.js';
import { useControl } from '../api/status.js';
import { capital } from '../lib/format.js';
import { useAsOf } from '../lib/url.js';
import { Icon } from '../parts/icon.js';
import { ProblemNotice } from '../parts/state.js';
import { frame } from './messages.js';
import { UntilFlat } from './until-flat.js';

type Command = 'start' | 'stop' | 'kill';

const CALLS = {
  start: () => api.POST('/api/control/start'),
  stop: () => api.POST('/api/control/stop'),
  kill: () => api.POST('/api/control/kill', { body: { confirm: 'KILL' } }),
} as const;

const ICONS = { start: 'play', stop: 'stop', kill: 'power' } as const;

/** Start, Stop and Kill, as the state of the bot allows. They act on the present: Stop and Kill also while a page shows the past. */
export function Commands(): ReactElement | null {
  const { data } = useControl();
  const past = useAsOf() !== null;
  const [asked, setAsked] = useState<Command | null>(null);
  const shown: readonly Command[] = data?.commands.start.allowed === true ? ['start', 'kill'] : ['stop', 'kill'];
  return (
    <>
      {shown.map((command) => {
        const { allowed, reason } = data?.commands[command] ?? { allowed: command === 'kill', reason: '' };
        const held = past && command === 'start';
        return (
          <Button
            key={command}
            className={`command command-${command}`}
            size="compact-sm"
            color={command === 'kill' ? 'red' : 'gray'}
            variant={command === 'kill' ? 'filled' : 'default'}
            leftSection={<Icon name={ICONS[command]} size={14} />}
            disabled={held || !allowed}
            title={held ? frame.commands.notInPast : reason}
            onClick={() => setAsked(command)}
          >
            {frame.commands[command]}
          </Button>
        );
      })}
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={
          asked === 'kill'
            ? frame.commands.killTitle
            : asked === 'stop'
              ? frame.commands.stopTitle
              : frame.commands.start
        }
        closeButtonProps={{ 'aria-label': frame.commands.cancel }}
        centered
      >
        {asked === null ? null : <Confirm command={asked} close={() => setAsked(null)} />}
      </Modal>
    </>
  );
}

/** The word is typed, so that no slip stops or kills; afterwards the dialog shows what is still open until the bot is flat. */
function Confirm({ command, close }: { readonly command: Command; readonly close: () => void }): ReactElement {
  const [typed, setTyped] = useState('');
  const [fault, setFault] = useState('');
  const [step, setStep] = useState<'ask' | 'busy' | 'sent'>('ask');
  const [problem, setProblem] = useState<Problem | null>(null);
  const word = command.toUpperCase();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (step === 'busy') return;
    if (command !== 'start' && typed.trim() !== word) {
      setFault(frame.commands.typed(word));
      return;
    }
    setStep('busy');
    setProblem(null);
    try {
      await send<unknown>(CALLS[command]);
      if (command === 'start') close();
      setStep('sent');
    } catch (error) {
      setProblem(asProblem(error));
      setStep('ask');
    }
    void queries.invalidateQueries({ queryKey: ['control'] });
    void queries.invalidateQueries({ queryKey: ['now'] });
  };
  if (step === 'sent') return <UntilFlat command={capital(command)} close={close} />;
  return (
    <form className="form" onSubmit={(event) => void submit(event)} noValidate>
      {problem === null ? null : <ProblemNotice problem={problem} />}
      {command === 'start' ? null : (
        <>
          <p>{command === 'kill' ? frame.commands.killText : frame.commands.stopText}</p>
          <TextInput
            data-autofocus
            size="md"
            label={command === 'kill' ? frame.commands.typeKill : frame.commands.typeStop}
            autoComplete="off"
            autoCapitalize="characters"
            value={typed}
            error={fault}
            onChange={({ currentTarget }) => {
              setTyped(currentTarget.value);
              setFault('');
            }}
          />
        </>
      )}
      <div className="form-buttons">
        <Button type="submit" size="md" loading={step === 'busy'} {...(command === 'kill' ? { color: 'red' } : {})}>
          {frame.commands[command]}
        </Button>
        <Button size="md" variant="default" onClick={close}>
          {command === 'start' ? frame.commands.cancel : frame.commands.keep}
        </Button>
      </div>
    </form>
  );
}
