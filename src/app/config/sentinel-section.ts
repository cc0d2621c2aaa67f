/** The section `sentinel`: the watchdog process that cancels when the engine cannot. */
import * as z from 'zod';
import { seconds, variableName, yesNo } from './kinds.ts';

export const sentinelSection = z
	.strictObject({
		enabled: yesNo()
			.describe('quote only while the watchdog process is there and able; none: true, and false with mode sim')
			.optional(),
		heartbeat_timeout: seconds(3, 300)
			.describe("seconds without the engine's heartbeat after which the sentinel cancels its orders")
			.prefault(10),
		api_key_env: variableName().describe('the variable with a key of its own; none: the key of the venue').optional(),
		api_secret_env: variableName().describe('the variable with the secret of that key').optional(),
	})
	.superRefine((section, context) => {
		const pair = { api_key_env: section.api_key_env, api_secret_env: section.api_secret_env };
		const lacking = Object.entries(pair).filter(([, name]) => name === undefined);
		if (lacking.length !== 1) return;
		const [[key] = ['']] = lacking;
		context.addIssue({ code: 'custom', path: [key], message: 'both variables or none', params: { found: 'none' } });
	})
	.prefault({});
