/** The engine's own alerts as figures, so that whoever watches Prometheus alone hears of each of them. */
import type { FigureSource } from '../../telemetry/figures-catalogue.ts';
import type { Alarm } from '../alerts/alarm.ts';
import type { AlertRow } from '../console/views.ts';

/** Far more than can last at one moment. */
const ALERTS_MAX = 1_000;

export function alertFigures(alarm: Pick<Alarm, 'list' | 'begunByCode'>): FigureSource {
	const known = new Map<string, AlertRow['severity']>();
	return (tell) => {
		const counts = new Map<string, number>();
		for (const { code, severity, endedMs } of alarm.list(ALERTS_MAX)) {
			known.set(code, severity);
			if (endedMs === null) counts.set(code, (counts.get(code) ?? 0) + 1);
		}
		// What has ended is told as 0, and not as a series that breaks off.
		for (const [code, severity] of known) tell('alerts', { code, severity }, counts.get(code) ?? 0);
		for (const [code, count] of alarm.begunByCode()) tell('alertsRaised', { code }, count);
	};
}
