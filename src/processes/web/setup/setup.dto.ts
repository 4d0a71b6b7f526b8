import {
  AnyField,
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
  @TextField({ description: 'Whose bot it is: 1 to 12 capital letters or digits.', min: 0, max: 60, example: 'DEMO' })
  entityCode!: string;

  @TextField({ description: 'Jurisdiction, such as US.', min: 0, max: 60, example: 'US' })
  jurisdictionCode!: string;

  @TextField({ description: 'Broker code, such as SIM.', min: 0, max: 60, example: 'SIM' })
  brokerCode!: string;

  @TextField({ description: 'Tells the bots of one owner apart.', min: 0, max: 60, example: 'B01' })
  botId!: string;
}

/** What is left out takes its default: `{}` sets up the simulator. Shapes are loose here; the whole form is checked at once. */
export class SetupInput {
  @PartField(() => IdentityInput, { description: 'Names every file of this bot and never changes.', optional: true })
  identity?: IdentityInput;

  @TextField({ description: 'SIM, or a broker with credentials.', min: 0, max: 40, optional: true, example: 'SIM' })
  broker?: string;

  @RecordField({ description: 'Credentials of the broker by field.', max: 20, each: LONGEST_VALUE, optional: true })
  brokerCredentials?: Readonly<Record<string, string>>;

  @TextField({
    description: 'Dollars that the bot may trade with.',
    min: 0,
    max: 40,
    optional: true,
    example: '25000.00',
  })
  openingFloat?: string;

  @TextsField({ description: 'Tickers of the simulated market.', max: 200, each: 40, optional: true })
  symbols?: readonly string[];

  @RecordField({
    description: 'Mail server, for password resets; empty goes without.',
    max: 20,
    each: LONGEST_VALUE,
    optional: true,
  })
  smtp?: Readonly<Record<string, string>>;

  @RecordField({
    description: 'Settings other than the defaults, as in .env_bot.',
    max: 300,
    each: LONGEST_VALUE,
    optional: true,
  })
  settings?: Readonly<Record<string, string>>;
}

class FaultAnswer {
  @TextField({ description: 'Member of the form, with dots.', max: 200 })
  field!: string;

  @TextField({ description: 'What it must be.', max: 2_000 })
  message!: string;
}

export class SetupCheckAnswer {
  @FlagField({ description: 'True when the form can be sent.' })
  ok!: boolean;

  @PartsField(() => FaultAnswer, { description: 'Every fault of the form.', max: 400 })
  faults!: readonly FaultAnswer[];
}

class ProgressAnswer {
  @WholeField({ description: 'How far it is.', max: 100 })
  percent!: number;

  @TextField({ description: 'Step under way or done last; empty before the first.', min: 0, max: 100 })
  step!: string;
}

class SetupErrorAnswer {
  @TextField({ description: 'Closed code.', max: 60 })
  code!: string;

  @TextField({ description: 'What went wrong.', max: 2_000 })
  message!: string;

  @TextField({ description: 'What to do.', max: 2_000 })
  remedy!: string;
}

class FormFieldAnswer {
  @TextField({ description: 'Name in brokerCredentials or smtp.', max: 60 })
  name!: string;

  @TextField({ description: 'For people.', max: 100 })
  label!: string;

  @FlagField({ description: 'Typed hidden.' })
  secret!: boolean;

  @TextField({ description: 'What a value must be.', min: 0, max: 500 })
  help!: string;
}

class BrokerAnswer {
  @TextField({ description: 'Value of broker.', max: 40 })
  code!: string;

  @TextField({ description: 'For people.', max: 100 })
  label!: string;

  @PartsField(() => FormFieldAnswer, { description: 'Credentials that it needs.', max: 20 })
  fields!: readonly FormFieldAnswer[];
}

export class SetupAnswer {
  @TextField({ description: 'State of the bot.', max: 40 })
  state!: string;

  @FlagField({ description: 'True while a worker sets the home up.' })
  running!: boolean;

  @PartField(() => ProgressAnswer, { description: 'How far it is.' })
  progress!: ProgressAnswer;

  @PartField(() => SetupErrorAnswer, {
    description: 'Why the last attempt ended; null when there was none.',
    nullable: true,
  })
  error!: SetupErrorAnswer | null;

  @PartsField(() => BrokerAnswer, { description: 'Brokers that can be chosen.', max: 20 })
  brokers!: readonly BrokerAnswer[];

  @PartsField(() => FormFieldAnswer, { description: 'What the mail server needs.', max: 20 })
  mail!: readonly FormFieldAnswer[];

  @AnyField({ description: 'What the form holds when nothing is given.' })
  defaults!: object;
}

export class AcceptedAnswer {
  @TextField({ description: 'Address that tells what comes of it.', max: 100 })
  look!: string;
}
