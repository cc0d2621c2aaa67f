/** What the server is made of, and what its routes say of themselves. */
import type { Role } from '../app/console/contract.ts';
import type { Clock } from '../ports/clock.ts';
import type { Access, Identity } from './access.ts';
import type { Audit } from './audit.ts';
import type { AuditTally } from './audit-tally.ts';
import type { OwnNames } from './guard.ts';
import type { EngineDoor } from './link.ts';
import type { Live } from './live.ts';

declare module 'fastify' {
	interface FastifyRequest {
		/** Of whoever asks; undefined on an open route. */
		identity: Identity | undefined;
	}
	interface FastifyContextConfig {
		/** Answered without a token. */
		isOpen?: boolean;
		/** Heard whatever else goes on. */
		isUrgent?: boolean;
		role?: Role;
	}
}

export interface ServerParts {
	readonly clock: Clock;
	readonly access: Access;
	readonly audit: Audit;
	readonly tally: AuditTally;
	readonly door: EngineDoor;
	readonly live: Live;
	/** Known when it listens. */
	readonly names: () => OwnNames;
	readonly cookieName: () => string;
	readonly pages: string | undefined;
	readonly version: string;
	readonly tls: { readonly cert: Uint8Array; readonly key: Uint8Array } | undefined;
	/** The address that it tells is believed. */
	readonly isBehindProxy: boolean;
	readonly onBug: (error: unknown) => void;
}
