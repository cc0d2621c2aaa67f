/**
 * What a client adds to one order call: from the orders to knowing what became of each, over loopback, against a server
 * that answers at once. It stands for every batch of every tick; what is lost here is added to each round trip. Over
 * REST a batch of 20 signed orders; over the trade socket one order, and a batch of 20. Beside ours: the bytes alone there
 * and back (a raw pooled request, an echo), as little as does the same job, `bybit-api` and `ccxt`. What a client adds is
 * its figure less that of the bytes alone. One call at a time, contestants in turn, so that all see the same machine.
 */
import { Worker } from 'node:worker_threads';
import { type Benchmark, type BenchOptions, type BenchResult, measurePaired, type PairedResult } from '../../harness.ts';
import { type CallServerData, ORDER_IDS } from './calls-answers.ts';
import { bareEcho, bareHttp, bybitApiRest, bybitApiSocket, type Contestant, ccxt, ours, rawHttp } from './calls-contestants.ts';

const SIZES = { tiny: { rounds: 5, warmupRounds: 2 }, full: { rounds: 3_000, warmupRounds: 500 } };

export default {
	name: 'venues/bybit/calls',
	async run({ tiny }: BenchOptions): Promise<BenchResult> {
		await using server = await openServer();
		await using open = new AsyncDisposableStack();
		const { port } = server;
		const size = tiny ? SIZES.tiny : SIZES.full;
		const [rest, socket] = [open.use(await ours(port, 'rest')), open.use(await ours(port, 'ws'))];
		const [raw, http, echo] = [open.use(rawHttp(port)), open.use(bareHttp(port)), open.use(await bareEcho(port))];
		const [apiRest, apiSocket] = [open.use(await bybitApiRest(port)), open.use(await bybitApiSocket(port))];
		const other = open.use(await ccxt(port));

		const restBatch = await compare({ ours: rest, raw, bare: http, bybitApi: apiRest, ccxt: other }, 'placeBatch', size);
		const socketOne = await compare({ ours: socket, bare: echo, bybitApi: apiSocket, ccxt: other }, 'placeOne', size);
		const socketBatch = await compare({ ours: socket, bybitApi: apiSocket }, 'placeBatch', size);
		return {
			cases: [...named('REST batch', restBatch), ...named('WS order', socketOne), ...named('WS batch', socketBatch)],
			ratios: {
				restBatchVsRaw: restBatch.ratio({ theirs: 'raw', ours: 'ours' }),
				restBatchVsBare: restBatch.ratio({ theirs: 'bare', ours: 'ours' }),
				restBatchVsBybitApi: restBatch.ratio({ theirs: 'bybitApi', ours: 'ours' }),
				restBatchVsCcxt: restBatch.ratio({ theirs: 'ccxt', ours: 'ours' }),
				wsOrderVsEcho: socketOne.ratio({ theirs: 'bare', ours: 'ours' }),
				wsOrderVsBybitApi: socketOne.ratio({ theirs: 'bybitApi', ours: 'ours' }),
				wsOrderVsCcxt: socketOne.ratio({ theirs: 'ccxt', ours: 'ours' }),
				wsBatchVsBybitApi: socketBatch.ratio({ theirs: 'bybitApi', ours: 'ours' }),
			},
		};
	},
} satisfies Benchmark;

/** The checksum of a run is how many orders were accepted: all who took part must say the same. */
function compare<Name extends string>(
	contestants: Readonly<Record<Name, Contestant>>,
	call: 'placeBatch' | 'placeOne',
	size: { readonly rounds: number; readonly warmupRounds: number },
): Promise<PairedResult<Name>> {
	const entries = Object.entries<Contestant>(contestants).map(([name, contestant]) => [name, () => contestant[call]()] as const);
	const variants = Object.fromEntries(entries) as Record<Name, () => Promise<number>>;
	return measurePaired({ variants, ...size, workPerRun: 1, work: 'call' });
}

function named(what: string, { cases }: PairedResult<string>) {
	return Object.values(cases).map((one) => ({ ...one, name: `${what}, ${one.name}` }));
}

async function openServer(): Promise<AsyncDisposable & { readonly port: number }> {
	const workerData: CallServerData = { orderIds: ORDER_IDS };
	const worker = new Worker(new URL('./calls-server.ts', import.meta.url), { workerData });
	const port = await new Promise<number>((resolve, reject) => {
		worker.once('message', resolve);
		worker.once('error', reject);
	});
	return { port, [Symbol.asyncDispose]: async () => void (await worker.terminate()) };
}
