/** Parameters of any shape as lines of a list: `levels.count`, `5`. Pure. */

export function paramPairs(params: unknown, path = ''): [path: string, value: string][] {
	if (typeof params === 'object' && params !== null && !Array.isArray(params) && Object.keys(params).length > 0) {
		return Object.entries(params).flatMap(([key, value]) => paramPairs(value, path === '' ? key : `${path}.${key}`));
	}
	if (path === '') return [];
	return [[path, params === null ? 'none' : typeof params === 'string' ? params : JSON.stringify(params)]];
}
