/** From the section `alerts` to what is opened; secrets are still names of variables. */
import type { Severity } from '../../telemetry/alerts/alert-codes.ts';
import type { Config } from './sections.ts';

export type SinkSettings = { readonly name: string } & (
	| {
			readonly kind: 'webhook';
			/** One of the two. */
			readonly url: string | undefined;
			readonly urlEnv: string | undefined;
			readonly tokenEnv: string | undefined;
	  }
	| { readonly kind: 'telegram'; readonly url: string; readonly tokenEnv: string; readonly chat: string }
	| { readonly kind: 'command'; readonly command: readonly string[] }
);

export interface AlertSettings {
	readonly least: Severity;
	readonly bundleMs: number;
	readonly perMinuteMax: number;
	readonly sinks: readonly SinkSettings[];
}

const TELEGRAM = 'https://api.telegram.org';

export function alertSettings({ alerts }: Pick<Config, 'alerts'>): AlertSettings {
	return {
		least: alerts.min_severity,
		bundleMs: alerts.bundle_seconds * 1_000,
		perMinuteMax: alerts.max_per_minute,
		sinks: alerts.sinks.map(sinkOf),
	};
}

/** What is needed has been checked. */
function sinkOf(entry: Config['alerts']['sinks'][number]): SinkSettings {
	const { kind, name, url, url_env: urlEnv, token_env: tokenEnv, chat, command } = entry;
	switch (kind) {
		case 'webhook':
			return { kind, name, url, urlEnv, tokenEnv };
		case 'telegram':
			return { kind, name, url: url ?? TELEGRAM, tokenEnv: tokenEnv ?? '', chat: chat ?? '' };
		case 'command':
			return { kind, name, command: command ?? [] };
	}
}
