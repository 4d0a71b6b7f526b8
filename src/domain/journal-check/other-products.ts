import type { Sentence } from './troubles.js';

const KURRENT = /^(kurrentdb|kurrent|kdb)(\+discover)?:\/\//i;

const PRODUCTS: Readonly<Record<string, string>> = {
  'amqp:': 'RabbitMQ',
  'amqps:': 'RabbitMQ',
  'file:': 'a file',
  'http:': 'a web server',
  'https:': 'a web server',
  'mongodb:': 'MongoDB',
  'mysql:': 'MySQL',
  'nats:': 'NATS',
  'postgres:': 'PostgreSQL',
  'postgresql:': 'PostgreSQL',
  'redis:': 'Redis',
  'rediss:': 'Redis',
};

/** What is wrong with an address by its scheme alone; undefined for one that may name an EventStoreDB server. */
export function schemeFault(text: string): Sentence | undefined {
  const scheme = /^[a-z][a-z0-9.-]*(?:\+[a-z]+)?:/i.exec(text.trim())?.[0].toLowerCase();
  if (scheme === 'esdb:' || scheme === 'esdb+discover:') return undefined;
  if (KURRENT.test(text.trim())) {
    return {
      text: `begins with ${scheme ?? ''}//, but TradeBot names KurrentDB servers as it names EventStoreDB servers`,
      remedy: `Write ${scheme?.includes('+') === true ? 'esdb+discover' : 'esdb'}:// in its place; the rest stays.`,
    };
  }
  const product = scheme === undefined ? undefined : PRODUCTS[scheme];
  return {
    text:
      product === undefined ? 'is not an EventStoreDB address' : `is the address of ${product}, not of EventStoreDB`,
    remedy: 'Write esdb://host:2113 for a server, or esdb+discover://name for a cluster.',
  };
}
