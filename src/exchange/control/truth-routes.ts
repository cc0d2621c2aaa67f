/** Routes that read: accounts, orders, executions, positions, symbols, books, and what went over the wire. */
import { oneOf, optional, readQuery, text, whole } from './readers.ts';
import { Refusal } from './refusal.ts';
import { type Answer, accountOf, type Route, type Scene, symbolOf } from './scene.ts';
import {
	balanceJson,
	bookJson,
	coinJson,
	executionJson,
	housePositionJson,
	orderJson,
	positionJson,
	symbolJson,
	tradeJson,
} from './truth.ts';

const BOOK_DEPTH_MAX = 10_000;
const LIST_MAX = 10_000;

export const TRUTH_ROUTES: readonly Route[] = [
	{ method: 'GET', path: '/v1/state', about: 'time, symbols, accounts, fees of the house, a hash of all of it', run: state },
	{ method: 'GET', path: '/v1/accounts', about: 'all accounts, with keys where they have some', run: accounts },
	{ method: 'GET', path: '/v1/accounts/:account', about: 'balances, positions and open orders', run: account },
	{ method: 'GET', path: '/v1/accounts/:account/orders', about: '?state=open|closed&symbol=', run: orders },
	{ method: 'GET', path: '/v1/accounts/:account/executions', about: '?symbol=', run: executions },
	{ method: 'GET', path: '/v1/accounts/:account/positions', about: 'flat ones included', run: positions },
	{ method: 'GET', path: '/v1/symbols', about: 'status, prices and filters of all symbols', run: symbols },
	{ method: 'GET', path: '/v1/symbols/:symbol', about: 'status, prices and filters', run: symbol },
	{ method: 'GET', path: '/v1/symbols/:symbol/book', about: '?depth=', run: book },
	{ method: 'GET', path: '/v1/symbols/:symbol/trades', about: '?limit=', run: trades },
	{ method: 'GET', path: '/v1/tap', about: 'requests and frames as on the wire, oldest first: ?after=&limit=', run: tap },
];

function state({ box, nowMs }: Scene): Answer {
	const { exchange, clock, faults } = box;
	return {
		nowMs,
		frozen: clock.isFrozen,
		symbols: exchange.symbols(),
		accounts: exchange.accounts(),
		house: exchange.houseBalances().map(coinJson),
		housePositions: exchange.housePositions().map((each) => housePositionJson(exchange, each)),
		faultCounts: faults?.counts() ?? {},
		stateHash: exchange.stateHash(),
	};
}

function accounts({ box }: Scene): Answer {
	const keyed = new Map(box.accounts().map((each) => [each.name, each]));
	return { accounts: box.exchange.accounts().map((name) => keyed.get(name) ?? { name, apiKey: null, apiSecret: null }) };
}

function account(scene: Scene): Answer {
	const name = accountOf(scene);
	if (name instanceof Refusal) return name;
	const { exchange } = scene.box;
	return {
		name,
		balances: exchange.balances(name).map(balanceJson),
		positions: exchange.positions(name).map((each) => positionJson(exchange, each)),
		openOrders: exchange.openOrders(name).map((each) => orderJson(exchange, each)),
	};
}

function orders(scene: Scene): Answer {
	const name = accountOf(scene);
	if (name instanceof Refusal) return name;
	const query = readQuery(scene.query, { state: optional(oneOf('open', 'closed')), symbol: optional(text) });
	if (query instanceof Refusal) return query;
	const chosen = chosenSymbols(scene, query.symbol);
	if (chosen instanceof Refusal) return chosen;
	const { exchange } = scene.box;
	const list = (symbolId: string) =>
		query.state === 'closed' ? exchange.closedOrders(name, symbolId) : exchange.openOrders(name, symbolId);
	return { orders: chosen.flatMap(list).map((each) => orderJson(exchange, each)) };
}

function executions(scene: Scene): Answer {
	const name = accountOf(scene);
	if (name instanceof Refusal) return name;
	const query = readQuery(scene.query, { symbol: optional(text) });
	if (query instanceof Refusal) return query;
	const chosen = chosenSymbols(scene, query.symbol);
	if (chosen instanceof Refusal) return chosen;
	const { exchange } = scene.box;
	const list = chosen.flatMap((symbolId) => exchange.executions(name, symbolId));
	return { executions: list.map((each) => executionJson(exchange, each)) };
}

function positions(scene: Scene): Answer {
	const name = accountOf(scene);
	if (name instanceof Refusal) return name;
	const { exchange } = scene.box;
	return { positions: exchange.positions(name).map((each) => positionJson(exchange, each)) };
}

function symbols({ box: { exchange } }: Scene): Answer {
	return { symbols: exchange.symbols().map((each) => symbolJson(exchange, each)) };
}

function symbol(scene: Scene): Answer {
	const found = symbolOf(scene);
	return found instanceof Refusal ? found : symbolJson(scene.box.exchange, found);
}

function book(scene: Scene): Answer {
	const found = symbolOf(scene);
	if (found instanceof Refusal) return found;
	const query = readQuery(scene.query, { depth: optional(whole({ min: 1, max: BOOK_DEPTH_MAX })) });
	return query instanceof Refusal ? query : bookJson(scene.box.exchange, found, query.depth ?? BOOK_DEPTH_MAX);
}

function trades(scene: Scene): Answer {
	const found = symbolOf(scene);
	if (found instanceof Refusal) return found;
	const query = readQuery(scene.query, { limit: optional(whole({ min: 1, max: LIST_MAX })) });
	if (query instanceof Refusal) return query;
	const { exchange } = scene.box;
	return {
		trades: exchange
			.trades(found)
			.slice(-(query.limit ?? LIST_MAX))
			.map((each) => tradeJson(exchange, each)),
	};
}

function tap({ box, query: given }: Scene): Answer {
	const after = optional(whole({ min: 0, max: Number.MAX_SAFE_INTEGER }));
	const query = readQuery(given, { after, limit: optional(whole({ min: 1, max: LIST_MAX })) });
	if (query instanceof Refusal) return query;
	return { entries: box.tap.list({ after: query.after ?? 0, limit: query.limit ?? LIST_MAX }) };
}

function chosenSymbols(scene: Scene, named: string | undefined): readonly string[] | Refusal {
	if (named === undefined) return scene.box.exchange.symbols();
	const found = symbolOf(scene, named);
	return found instanceof Refusal ? found : [found];
}
