/** What the API knows by itself is not asked of the engine: who did what through this door. */
import type { Clock } from '../ports/clock.ts';
import type { Audit } from './audit.ts';
import type { Answer, EngineDoor, Topic } from './link.ts';

export function withOwnTopics(door: EngineDoor, { audit, clock }: { readonly audit: Audit; readonly clock: Clock }): EngineDoor {
	const own = (topic: Topic): Answer | undefined => {
		if (topic.name !== 'audit') return undefined;
		const { limit } = topic.params as { readonly limit: number };
		return { kind: 'text', text: JSON.stringify({ atMs: clock.wallMs(), rows: audit.last(limit) }) };
	};
	return {
		act: (name, params, actor) => door.act(name, params, actor),
		read: async (topics) => {
			const asked = topics.filter(({ name }) => name !== 'audit');
			const answers = asked.length === 0 ? [] : await door.read(asked);
			const byTopic = new Map(asked.map((topic, index) => [topic, answers[index]]));
			return topics.map((topic) => own(topic) ?? byTopic.get(topic) ?? UNANSWERED);
		},
	};
}

const UNANSWERED: Answer = { kind: 'failed', error: { code: 'API_ENGINE', sentence: 'the engine does not answer' } };
