import { createRequire } from 'node:module';
import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type grpc from '@grpc/grpc-js';
import type { experimental } from '@grpc/grpc-js';

/** The transport that the client itself uses: another copy would not accept these credentials. */
const { credentials, CallCredentials, ChannelCredentials } = createRequire(
  createRequire(import.meta.url).resolve('@eventstore/db-client'),
)('@grpc/grpc-js') as typeof grpc;

type Connector = experimental.SecureConnector;

/**
 * TLS as the client makes it, but without a server name for a host that is an IP address: RFC 6066 does not permit one, and
 * Node warns of it at every command. The certificate is checked against the address all the same.
 */
class ServerCredentials extends ChannelCredentials {
  readonly #context: SecureContext;

  constructor(context: SecureContext) {
    super();
    this.#context = context;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: unknown): boolean {
    return this === other;
  }

  override _createSecureConnector(
    target: { readonly path: string },
    _options: object,
    callCredentials?: grpc.CallCredentials,
  ): Connector {
    const host = hostOf(target.path);
    return {
      connect: async (socket) => ({ socket: await encrypted(socket, host, this.#context), secure: true }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }
}

/** The host of `host`, `host:port`, `[address]:port` or a bare IPv6 address. */
function hostOf(path: string): string {
  if (isIP(path) !== 0) return path;
  return path.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function encrypted(socket: Socket, host: string, secureContext: SecureContext): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    const secured = connect({ socket, secureContext, host, ALPNProtocols: ['h2'], ...name }, () => resolve(secured));
    secured.on('error', reject);
  });
}

/** Runs `make`, in which a client makes its credentials; they are then those of this file. */
export function withServerCredentials<T>(make: () => T): T {
  const { createSsl } = credentials;
  credentials.createSsl = (ca, key, cert) =>
    new ServerCredentials(createSecureContext({ ca: ca ?? undefined, key: key ?? undefined, cert: cert ?? undefined }));
  try {
    return make();
  } finally {
    credentials.createSsl = createSsl;
  }
}
