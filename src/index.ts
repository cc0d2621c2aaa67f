/** The public door of the engine as a library: the machine, its runtime, its ports and the words they speak. */

declare global {
	// Whoever has Node's types or a browser's knows it; to others our declarations would speak of what is not there.
	interface AbortSignal {}
}

export { AppError, type AppErrorCode } from './app/app-error.ts';
export { type ConnectBinanceOptions, connectBinance } from './app/binance-client.ts';
export { type CreateAppOptions, createApp } from './app/create-app.ts';
export type { Fill, FillListener } from './app/fills.ts';
export type { Done, LoopApp, OrderRequest, Placed, Quote, StopSignal, TickResult } from './app/loop-app.ts';
export type { LoopDesk, LoopDeskOptions, WorkflowDone, WorkflowFailed, WorkflowResult } from './app/loop-desk.ts';
export { type ConnectMarketDataOptions, connectMarketData } from './app/market-data.ts';
export { type ExchangeOptions, type OpenExchange, openExchange } from './app/open-exchange.ts';
export type { Refused } from './app/refused.ts';
export type { ProfitLine } from './app/report.ts';
export type { Amount, BookRow, OpenOrder, RoundTo, SymbolRules } from './app/symbol-text.ts';
export type { Command, Verb } from './domain/command.ts';
export type { EngineEvent } from './domain/event.ts';
export { type Instrument, type InstrumentSpec, instrumentIndex, makeInstrument } from './domain/instrument.ts';
export type { Bar, BarInterval, BookRead, PriceRead } from './domain/market-read.ts';
export type { Order } from './domain/order.ts';
export type { Signal, SignalDraft, SignalOperation, SignalPatch, SignalResult } from './domain/signal.ts';
export { Engine } from './engine/engine.ts';
export type { EngineParts } from './engine/engine-parts.ts';
export type { EngineEffect, EngineNote, EventSink, Journal, Recorder, VenueGateway, VenueStreams } from './engine/ports.ts';
export { Runtime, type RuntimePorts } from './engine/runtime.ts';
export { ENGINE_SETTINGS, type EngineSettings } from './engine/settings.ts';
export type { Stats } from './engine/tick-stats.ts';
export type { Clock, Timer } from './ports/clock.ts';
export type { StageFigures } from './telemetry/stages.ts';
export type {
	AllAsk,
	AllRead,
	Ask,
	BarsAsk,
	BooksAsk,
	MarketData,
	Reads,
} from './trading/market-data.ts';
export { MARKET_DATA_SETTINGS, type MarketDataSettings } from './trading/market-data-settings.ts';
export type { BarNews, BarsFeed, BookFeed, PriceFeed } from './trading/market-feeds.ts';
export type { SignalStore } from './trading/signal-store.ts';
export type {
	AccountInfo,
	Balance,
	BinanceClient,
	BookLevel,
	BookShown,
	CandleShown,
	ClientOrder,
	FeedListener,
	ModifyWish,
	OrderRef,
	OrderResult,
	OrderStatus,
	OrderWish,
	Position,
	SymbolData,
	Ticker,
	TradeShown,
} from './venues/binance/client-types.ts';
export type { Kline, KlinesAsked } from './venues/binance/klines.ts';
export type { Read, ReadFailed } from './venues/binance/read.ts';
