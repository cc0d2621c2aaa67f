/** From the section `api` to what the server is opened with. */
import type { Config } from './sections.ts';

export interface ApiSettings {
	readonly host: string;
	/** 0: any that is free. */
	readonly port: number;
	/** Where a proxy offers it, without a path. */
	readonly behindProxy: string | undefined;
	/** Files, as they were written. */
	readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

/** Undefined where nobody wants it. */
export function apiSettings({ api }: Pick<Config, 'api'>): ApiSettings | undefined {
	if (!api.enabled) return undefined;
	const { tls_cert: cert, tls_key: key } = api;
	return {
		host: api.host,
		port: api.port,
		behindProxy: api.behind_proxy === undefined ? undefined : new URL(api.behind_proxy).origin,
		tls: cert === undefined || key === undefined ? undefined : { cert, key },
	};
}
