import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { secretVariables } from './secret-variables.ts';

test('every variable that a section names for a secret is known, those of venues aside', () => {
	const settings = {
		alerts: {
			sinks: [
				{ kind: 'webhook', name: 'one', url_env: 'A_URL', token_env: 'A_TOKEN' },
				{ kind: 'telegram', name: 'two', token_env: 'A_BOT', chat: '1' },
				{ kind: 'command', name: 'three', command: ['mail'] },
			],
		},
		influxdb: { token_env: 'AN_INFLUX' },
		redis: { password_env: 'A_REDIS' },
	};
	const read = readConfig({ file: { name: 't.yaml', text: JSON.stringify(settings) } });
	if (read.kind === 'bad') throw new Error('a bad configuration');
	expect(secretVariables(read.config)).toEqual(['A_URL', 'A_TOKEN', 'A_BOT', 'AN_INFLUX', 'A_REDIS']);
});
