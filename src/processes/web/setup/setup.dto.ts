import { FINDING_NAMES, FINDING_RESULTS } from '../../../domain/journal-check/findings.js';
import {
  AnyField,
  ChoiceField,
  FlagField,
  PartField,
  PartsField,
  RecordField,
  TextField,
  TextsField,
  WholeField,
} from '../common/fields.js';

const LONGEST_VALUE = 2_000;

class IdentityInput {
  @TextField({ description: 'Owner code: 1-12 capital letters or digits.', min: 0, max: 60, example: 'DEMO' })
  entityCode!: string;

  @TextField({ description: 'Jurisdiction, such as US.', min: 0, max: 60, example: 'US' })
  jurisdictionCode!: string;

  @TextField({ description: 'Broker code, such as SIM.', min: 0, max: 60, example: 'SIM' })
  brokerCode!: string;

  @TextField({ description: 'Distinguishes the bots of one owner.', min: 0, max: 60, example: 'B01' })
  botId!: string;
}

/** Missing members take their defaults: `{}` sets up the simulator. Shapes are loose; the form is validated as a whole. */
export class SetupInput {
  @PartField(() => IdentityInput, {
    description: 'Part of every file name of this bot; it cannot be changed later.',
    optional: true,
  })
  identity?: IdentityInput;

  @TextField({ description: 'SIM, or a broker with credentials.', min: 0, max: 40, optional: true, example: 'SIM' })
  broker?: string;

  @RecordField({ description: 'Credentials of the broker by field.', max: 20, each: LONGEST_VALUE, optional: true })
  brokerCredentials?: Readonly<Record<string, string>>;

  @TextField({
    description: 'Capital that the bot may trade with, in dollars.',
    min: 0,
    max: 40,
    optional: true,
    example: '25000.00',
  })
  openingFloat?: string;

  @TextsField({ description: 'Tickers that the bot may trade.', max: 200, each: 40, optional: true })
  symbols?: readonly string[];

  @RecordField({
    description: 'Mail server, for password resets; may be empty.',
    max: 20,
    each: LONGEST_VALUE,
    optional: true,
  })
  smtp?: Readonly<Record<string, string>>;

  @RecordField({
    description: 'User and password of the journal server that settings.JOURNAL_URL names; may be empty.',
    max: 20,
    each: LONGEST_VALUE,
    optional: true,
  })
  journalServer?: Readonly<Record<string, string>>;

  @RecordField({
    description: 'Settings other than the defaults, as in .env_bot.',
    max: 300,
    each: LONGEST_VALUE,
    optional: true,
  })
  settings?: Readonly<Record<string, string>>;
}

class FaultAnswer {
  @TextField({ description: 'Member of the form, as a dotted path.', max: 200 })
  field!: string;

  @TextField({ description: 'Rule for the value.', max: 2_000 })
  message!: string;
}

export class SetupCheckAnswer {
  @FlagField({ description: 'True when the form can be sent.' })
  ok!: boolean;

  @PartsField(() => FaultAnswer, { description: 'Every fault of the form.', max: 400 })
  faults!: readonly FaultAnswer[];

  @TextField({
    description: 'Proposed SEAL_ANCHOR_DIR, outside the home; send it in settings, or leave it out for no copies.',
    max: 4_200,
  })
  sealAnchor!: string;

  @TextField({ description: 'Whose money the orders of this bot would move, in words.', min: 0, max: 700 })
  account!: string;
}

class JournalFindingAnswer {
  @ChoiceField(FINDING_NAMES, { description: 'What was looked at.' })
  name!: string;

  @ChoiceField(FINDING_RESULTS, {
    description:
      'warning: the bot works; failed: it could not run; open: not tried, because something before it failed.',
  })
  result!: string;

  @TextField({ description: 'What was seen.', max: 2_000 })
  text!: string;

  @TextField({ description: 'What to do; empty when nothing has to be done.', min: 0, max: 2_000 })
  remedy!: string;
}

export class JournalCheckAnswer {
  @FlagField({ description: 'True when a bot could run with this journal.' })
  ok!: boolean;

  @PartsField(() => JournalFindingAnswer, {
    description: 'What was found, in the order of the look; empty for the journal in the home.',
    max: 20,
  })
  findings!: readonly JournalFindingAnswer[];
}

class ProgressAnswer {
  @WholeField({ description: 'Progress in percent.', max: 100 })
  percent!: number;

  @TextField({ description: 'Current or last step; empty before the first.', min: 0, max: 100 })
  step!: string;
}

class SetupErrorAnswer {
  @TextField({ description: 'Error code.', max: 60 })
  code!: string;

  @TextField({ description: 'What went wrong.', max: 2_000 })
  message!: string;

  @TextField({ description: 'What to do.', max: 2_000 })
  remedy!: string;
}

class FormFieldAnswer {
  @TextField({ description: 'Name in brokerCredentials or smtp.', max: 60 })
  name!: string;

  @TextField({ description: 'Display name.', max: 100 })
  label!: string;

  @FlagField({ description: 'Whether the input is hidden.' })
  secret!: boolean;

  @TextField({ description: 'Rule for the value.', min: 0, max: 500 })
  help!: string;
}

class BrokerAnswer {
  @TextField({ description: 'Value of broker.', max: 40 })
  code!: string;

  @TextField({ description: 'Display name.', max: 100 })
  label!: string;

  @PartsField(() => FormFieldAnswer, { description: 'Required credentials.', max: 20 })
  fields!: readonly FormFieldAnswer[];
}

export class SetupAnswer {
  @TextField({ description: 'State of the bot.', max: 40 })
  state!: string;

  @FlagField({ description: 'True while a worker sets the home up.' })
  running!: boolean;

  @PartField(() => ProgressAnswer, { description: 'Progress of the set-up.' })
  progress!: ProgressAnswer;

  @PartField(() => SetupErrorAnswer, {
    description: 'Error of the last attempt; null when there is none.',
    nullable: true,
  })
  error!: SetupErrorAnswer | null;

  @PartsField(() => BrokerAnswer, { description: 'Available brokers.', max: 20 })
  brokers!: readonly BrokerAnswer[];

  @PartsField(() => FormFieldAnswer, { description: 'Fields of the mail server.', max: 20 })
  mail!: readonly FormFieldAnswer[];

  @PartsField(() => FormFieldAnswer, { description: 'User and password of a journal server.', max: 20 })
  journalServer!: readonly FormFieldAnswer[];

  @AnyField({ description: 'Default values of the form.' })
  defaults!: object;
}

export class AcceptedAnswer {
  @TextField({ description: 'Address of the outcome.', max: 100 })
  look!: string;
}
