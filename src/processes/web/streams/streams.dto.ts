import { LONGEST_REASON } from '../../../domain/risk/protections.js';
import { ChoiceField, PartsField, TextField } from '../common/fields.js';

const KINDS = ['cut', 'restricted', 'blocked'] as const;

class HeldStreamAnswer {
  @TextField({ description: 'The stream, without the name of the bot.', max: 200 })
  stream!: string;

  @ChoiceField(KINDS, {
    description:
      'cut: its settings hide events. restricted: its settings take the rights of the bot. blocked: another program wrote to it.',
  })
  kind!: (typeof KINDS)[number];

  @TextField({ description: 'What was done, when, by which event of the server.', max: 2_000 })
  text!: string;

  @TextField({ description: 'What a person can do, with the command.', max: 2_000 })
  remedy!: string;

  @TextField({
    description: 'Of blocked: SHA-256 over the foreign events, for the acknowledgement; else null.',
    max: 64,
    nullable: true,
  })
  sha256!: string | null;
}

export class HeldStreamsAnswer {
  @PartsField(() => HeldStreamAnswer, {
    description: 'Streams of the bot on the server of the journal that cannot be written now.',
    max: 100,
  })
  streams!: readonly HeldStreamAnswer[];
}

export class AcknowledgeInput {
  @TextField({ description: 'The blocked stream.', min: 1, max: 200, example: 'orders' })
  stream!: string;

  @TextField({
    description: 'SHA-256 of the foreign events as they were shown: more that came since are refused.',
    min: 64,
    max: 64,
    example: 'a3f5'.repeat(16),
  })
  sha256!: string;

  @TextField({
    description: 'Reason; kept in the journal.',
    min: 3,
    max: LONGEST_REASON,
    kept: true,
    example: 'a test of the administrator',
  })
  reason!: string;
}

export class AcknowledgedAnswer {
  @TextField({ description: 'What was acknowledged.', max: 2_000 })
  effect!: string;
}
