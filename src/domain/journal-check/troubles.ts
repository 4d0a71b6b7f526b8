/** What is known about the server when something is wrong with it; never a password. */
export interface TroubleContext {
  /** Scheme and hosts, or one host and port. */
  readonly at: string;
  /** The user that the address gives; undefined for none. */
  readonly user?: string | undefined;
  readonly tls: boolean;
  /** The file with the authorities that are trusted; undefined for those of Node. */
  readonly caFile?: string | undefined;
  /** What is known besides: a date, names of a certificate, a product, a time. */
  readonly detail?: string | undefined;
}

export interface Sentence {
  /** What is wrong, without a full stop at its end. */
  readonly text: string;
  readonly remedy: string;
}

type Says = (context: TroubleContext) => Sentence;

const because = (detail: string | undefined): string => (detail === undefined || detail === '' ? '' : `: ${detail}`);

const who = ({ user }: TroubleContext): string => (user === undefined ? 'without a user' : `user ${user}`);

/** Access without a user, or over a connection that carries no password. */
function accessRemedy(context: TroubleContext, right: string): string {
  if (!context.tls && context.user !== undefined) {
    return 'Without TLS no user and password are sent: use TLS, or give the right to everybody on that server.';
  }
  if (context.user === undefined) return `Give user and password of an account that may ${right}.`;
  return `Let an administrator of the server give ${context.user} the right to ${right}.`;
}

/** Everything that can be wrong with a journal server, each with its sentence and its remedy. */
export const TROUBLES = {
  unresolved: ({ at }) => ({
    text: `the host name of ${at} is not known here`,
    remedy: 'Correct the host name, or enter it in the name service of this machine.',
  }),
  refused: ({ at }) => ({
    text: `no program accepts connections at ${at}`,
    remedy: 'Start the server, or correct the port: EventStoreDB usually listens on 2113.',
  }),
  unreachable: ({ at, detail }) => ({
    text: `${at} cannot be reached from this machine${because(detail)}`,
    remedy: 'Check the address, the network and the firewalls between this machine and the server.',
  }),
  silent: ({ at, detail }) => ({
    text: `${at} gave no answer${because(detail)}`,
    remedy:
      'The server may be frozen or overloaded, or a firewall drops the packets. Look at the server, then try again.',
  }),
  plain: ({ at }) => ({
    text: `${at} speaks without TLS, but the address asks for TLS`,
    remedy: 'Turn TLS on at the server, or write tls=false when everybody in that network may read the journal.',
  }),
  encrypted: ({ at }) => ({
    text: `${at} speaks TLS, but the address says tls=false`,
    remedy: 'Remove tls=false, and name the CA file of the server with tlsCAFile when its authority is a private one.',
  }),
  unknownAuthority: ({ at, caFile, detail }) => ({
    text:
      caFile === undefined
        ? `the certificate of ${at} is from an authority that this machine does not know${because(detail)}`
        : `the certificate of ${at} is not from the authority in ${caFile}${because(detail)}`,
    remedy:
      caFile === undefined
        ? 'Name the CA file of the server with tlsCAFile.'
        : 'Get the CA file of that server from its administrator, and name it with tlsCAFile.',
  }),
  expired: ({ at, detail }) => ({
    text: `the certificate of ${at} has expired${because(detail)}`,
    remedy: 'Renew the certificate at the server; an expired one is never accepted.',
  }),
  notYetValid: ({ at, detail }) => ({
    text: `the certificate of ${at} is not valid yet${because(detail)}`,
    remedy: 'Check the clock of this machine, or let the server have a certificate that is valid now.',
  }),
  otherHost: ({ at, detail }) => ({
    text: `the certificate of ${at} is for another host${because(detail)}`,
    remedy: 'Write a host name of the certificate in the address, or renew the certificate with this name.',
  }),
  badCertificate: ({ at, detail }) => ({
    text: `the TLS of ${at} is not accepted${because(detail)}`,
    remedy: 'Check certificate and TLS settings of the server, and the files that the address names.',
  }),
  otherProduct: ({ at, detail }) => ({
    text: `${at} is ${detail ?? 'another program'}, not an EventStoreDB server`,
    remedy: 'Give host and port of an EventStoreDB or KurrentDB server; usually the port is 2113.',
  }),
  tooOld: ({ at, detail }) => ({
    text: `${at} runs EventStoreDB ${detail ?? 'of an unknown version'}, which is too old`,
    remedy: 'Upgrade the server to 21.10 or newer; 23.10 and 26.1 are tested.',
  }),
  starting: ({ at, detail }) => ({
    text: `${at} is not ready yet${because(detail)}`,
    remedy: 'The server is starting, or is too busy. Wait a minute, then try again.',
  }),
  noLeader: ({ at, detail }) => ({
    text: `the cluster of ${at} has no leader, so nothing can be recorded${because(detail)}`,
    remedy: 'Start enough nodes for a majority and wait for the election; then try again.',
  }),
  login: (context) => ({
    text: `${context.at} does not accept the password of ${who(context)}`,
    remedy: 'Correct user and password, and check that the account is enabled on the server.',
  }),
  readDenied: (context) => ({
    text: `${who(context)} may not read $all at ${context.at}`,
    remedy: accessRemedy(context, 'read $all'),
  }),
  streamReadDenied: (context) => ({
    text: `${who(context)} may not read ${context.detail ?? 'the streams of this bot'} at ${context.at}`,
    remedy: accessRemedy(context, 'read the streams of this bot'),
  }),
  writeDenied: (context) => ({
    text: `${who(context)} may not write ${context.detail ?? 'the streams of this bot'} at ${context.at}`,
    remedy: accessRemedy(context, 'write streams'),
  }),
  metadataDenied: (context) => ({
    text: `${who(context)} may not set the metadata of streams at ${context.at}, so the bot cannot protect its streams`,
    remedy: 'The bot runs. Let an administrator of the server protect the streams of this bot from other writers.',
  }),
  denied: (context) => ({
    text: `${context.at} denied access to ${who(context)}${because(context.detail)}`,
    remedy: accessRemedy(context, 'read $all and write the streams of this bot'),
  }),
  diskFull: ({ at, detail }) => ({
    text: `the disk of the server ${at} is full${because(detail)}`,
    remedy: 'Free space on the disk of the server. Nothing that was confirmed is lost.',
  }),
  writeSilent: ({ at, detail }) => ({
    text: `${at} answers reads, but no write${because(detail)}`,
    remedy: 'Check the disk of the server, and in a cluster that a majority of nodes runs.',
  }),
  unexpected: ({ at, detail }) => ({
    text: `the connection to ${at} failed in an unexpected way${because(detail)}`,
    remedy: 'Try again; report this with the log when it happens again.',
  }),
  refusedCall: ({ at, detail }) => ({
    text: `${at} refused the request${because(detail)}`,
    remedy: 'The server has another version or configuration than this program expects; nothing was written.',
  }),
} as const satisfies Readonly<Record<string, Says>>;

export type Trouble = keyof typeof TROUBLES;

/** The sentence and the remedy of a trouble. */
export function sentenceOf(trouble: Trouble, context: TroubleContext): Sentence {
  return TROUBLES[trouble](context);
}
