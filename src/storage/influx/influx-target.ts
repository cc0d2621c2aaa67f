/** Where points go, in the words of the three generations of InfluxDB's write API. */
export type InfluxApi = 'v1' | 'v2' | 'v3';

export interface InfluxTarget {
	readonly url: string;
	readonly api: InfluxApi;
	/** Of v1 and v3; the bucket of v2. */
	readonly database: string;
	/** Of v2. */
	readonly org: string;
	/** Of v1, where it asks for one; the token is its password then. */
	readonly username?: string | undefined;
	readonly token?: string | undefined;
}

/** Times are in nanoseconds everywhere; v3 alone spells that out. */
export function writePathOf({ api, database, org }: InfluxTarget): string {
	const name = encodeURIComponent(database);
	switch (api) {
		case 'v1':
			return `/write?db=${name}&precision=ns`;
		case 'v2':
			return `/api/v2/write?org=${encodeURIComponent(org)}&bucket=${name}&precision=ns`;
		case 'v3':
			return `/api/v3/write_lp?db=${name}&precision=nanosecond`;
		default:
			return api satisfies never;
	}
}

export function authorizationOf({ api, username, token }: InfluxTarget): string | undefined {
	if (token === undefined) return undefined;
	if (api === 'v1' && username !== undefined) return `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`;
	return api === 'v3' ? `Bearer ${token}` : `Token ${token}`;
}
