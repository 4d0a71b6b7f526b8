import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { useAsOf, useParams } from '../../lib/url.js';
import { Card, Facts } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { EventLink } from '../../parts/event-link.js';
import { Figure } from '../../parts/figure.js';
import { FIGURES, type FigureKey } from '../../parts/figures.js';
import { Delta, Money, NoValue, Quantity } from '../../parts/money.js';
import { NextSession } from '../../parts/next-session.js';
import { Empty, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import styles from './lots.module.css';
import { lots as texts } from './messages.js';

type Holding = components['schemas']['HoldingAnswer'];
type Lot = Holding['lots'][number];

/** The open lots of each position: which execution opened them, and what is left of their cost. */
export default function LotsPage(): ReactElement {
  const asof = useAsOf();
  const answer = useApi(
    ['lots', asof],
    (signal) => api.GET('/api/ledger/lots', { signal, params: { query: asof === null ? {} : { asof } } }),
    asof === null ? { live: ['OrderFilled', 'OrderFillCorrected', 'OrderFillBusted', 'PositionsMarked'] } : {},
  );
  const { symbol = '' } = useParams();
  const wanted = symbol.toUpperCase();
  return (
    <div className="cards">
      <div className="filters">
        <FilterBox param="symbol" label={texts.filter} />
      </div>
      <State of={answer} lines={10}>
        {({ holdings }) => {
          const shown = holdings.filter((one) => one.symbol.startsWith(wanted));
          if (holdings.length === 0)
            return (
              <Empty title={texts.none}>
                {texts.noneWhy}
                <NextSession />
              </Empty>
            );
          if (shown.length === 0) return <Empty title={texts.noneOf(wanted)} />;
          return shown.map((holding) => <Position key={`${holding.symbol} ${holding.side}`} of={holding} />);
        }}
      </State>
    </div>
  );
}

function Position({ of: holding }: { readonly of: Holding }): ReactElement {
  const { symbol, side, quantity, amount, lastPrice, unrealized, lots } = holding;
  const { facts } = texts;
  const figure = (key: FigureKey, ask: string, shown: ReactElement) => ({
    name: FIGURES[key].name,
    value: (
      <Figure figure={key} ask={ask}>
        {shown}
      </Figure>
    ),
  });
  return (
    <Card title={texts.position(symbol, side)}>
      <Facts
        rows={[
          figure('lots.shares', `position:${symbol}`, <Quantity value={quantity} />),
          figure(side === 'long' ? 'lots.cost' : 'lots.proceeds', `cost:${symbol}`, <Money amount={amount} />),
          lastPrice === null
            ? { name: facts.last, value: <NoValue why={texts.notValued} /> }
            : figure('lots.last', `price:${symbol}`, <Quantity value={lastPrice} />),
          unrealized === null
            ? { name: facts.unrealized, value: <NoValue why={texts.notValued} /> }
            : figure('open_positions.unrealized', `unrealized:${symbol}`, <Delta amount={unrealized} />),
        ]}
      />
      <div className={styles['lots']}>
        <DataTable
          label={texts.position(symbol, side)}
          columns={columnsOf(symbol, side)}
          rows={lots}
          rowKey={({ lotId, position }) => `${lotId} ${position}`}
        />
      </div>
    </Card>
  );
}

const { columns: heads } = texts;

const ofLot = ({ position }: Lot, figure: FigureKey, symbol: string, shown: ReactElement): ReactElement => (
  <Figure figure={figure} ask={`event:${position}`} subject={symbol}>
    {shown}
  </Figure>
);

/** A short lot cost nothing: it brought in what its sale did. */
function amountOf(side: Holding['side']): FigureKey {
  return side === 'long' ? 'lot.amount' : 'lot.proceeds';
}

const columnsOf = (symbol: string, side: Holding['side']): readonly Column<Lot>[] => [
  {
    ...{ key: 'opened', head: heads.opened },
    cell: ({ openedAt, unknownSince }) => (
      <>
        <Time at={openedAt} />
        {unknownSince ? <span className="dim"> {texts.unknownSince}</span> : null}
      </>
    ),
  },
  {
    ...{ key: 'quantity', head: heads.quantity, right: true },
    cell: (lot) => ofLot(lot, 'lot.quantity', symbol, <Quantity value={lot.quantity} />),
  },
  {
    ...{ key: 'price', head: heads.price, right: true, wide: true },
    cell: (lot) => ofLot(lot, 'lot.price', symbol, <Quantity value={lot.price} />),
  },
  {
    ...{ key: 'amount', head: FIGURES[amountOf(side)].name, right: true },
    cell: (lot) => ofLot(lot, amountOf(side), symbol, <Money amount={lot.amount} />),
  },
  {
    ...{ key: 'lot', head: heads.lot, wide: true },
    cell: ({ lotId, position }) => <EventLink id={`event:${position}`} type={lotId} />,
  },
];
