/** A trading desk's way into the engine of an app, by the names that its symbols go by there. */
import type { DeskDoor } from '../trading/workflow.ts';
import type { App } from './app.ts';
import { findSymbol } from './symbol-names.ts';

export function deskDoorOf(app: App): DeskDoor {
	return {
		control: (action) => app.runtime.control(action),
		orderOf: (orderId) => app.engine.orders.get(orderId),
		orderFitsInMs: (index) => app.engine.orderFitsInMs(index, app.runtime.now().monoMs),
		// As it is now: a filter may have changed since the app was opened.
		instrumentOf: (symbol) => {
			const meant = findSymbol(symbol, app.instruments);
			return meant.kind === 'found' ? app.engine.market(meant.found.index)?.instrument : undefined;
		},
	};
}
