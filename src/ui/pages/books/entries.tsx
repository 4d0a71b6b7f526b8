import { NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, newKey, send } from '../../api/client.js';
import { queries, useApi } from '../../api/query.js';
import { Card } from '../../parts/card.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { parts } from '../../parts/messages.js';
import { Notice } from '../../parts/state.js';
import { books } from './messages.js';
import { adjustmentOf, missingOfShares, RequestIds, type TypedAdjustment } from './request.js';

const SIDES = Object.entries(books.adjustment.sides).map(([value, label]) => ({ value, label }));
const NOTHING: TypedAdjustment = {
  ...{ side: '', symbol: '', quantity: '', price: '', cash: '', account: '', at: '', settles: '', reason: '' },
};

/** An entry that no fill and no activity of the broker made. */
export function AdjustmentCard(): ReactElement {
  const { adjustment: texts } = books;
  const chart = useApi(['accounts', null], (signal) => api.GET('/api/ledger/accounts', { signal }));
  const [ids] = useState(() => new RequestIds(newKey));
  const [done, setDone] = useState('');
  const state = useServerForm<TypedAdjustment>({
    values: NOTHING,
    validate: (typed) => missingOfShares(typed),
    send: async (typed) => {
      setDone('');
      const body = adjustmentOf(typed, ids.of(typed));
      const { adjustmentId } = await send(() => api.POST('/api/adjustments', { body }));
      ids.booked();
      setDone(texts.booked(adjustmentId));
    },
    done: () => {
      state.form.reset();
      for (const queryKey of [['status'], ['accounts'], ['ledger']]) void queries.invalidateQueries({ queryKey });
    },
  });
  const { form } = state;
  const text = (name: 'symbol' | 'quantity' | 'price' | 'cash' | 'at' | 'settles', help?: string): ReactElement => (
    <TextInput
      label={texts[name]}
      {...(help === undefined ? {} : { description: help })}
      autoComplete="off"
      maxLength={name === 'settles' ? 120 : 40}
      {...form.getInputProps(name)}
    />
  );
  const accounts = (chart.data?.accounts ?? []).filter(({ active }) => active);
  const moves = form.getValues().side !== '';
  return (
    <Card title={texts.title}>
      <FormBody of={state} label={texts.submit} sent={parts.sentToBooks}>
        <p className="dim">{texts.help}</p>
        <div className="form-row">
          <NativeSelect label={texts.side} data={SIDES} {...form.getInputProps('side')} />
          {moves ? text('symbol') : null}
          {moves ? text('quantity') : null}
          {moves ? text('price') : null}
        </div>
        {text('cash', texts.cashHelp)}
        <NativeSelect
          label={texts.account}
          data={[
            { value: '', label: texts.noAccount },
            ...accounts.map(({ code, name }) => ({ value: code, label: `${code} ${name}` })),
          ]}
          {...form.getInputProps('account')}
        />
        {text('at', texts.atHelp)}
        {text('settles', texts.settlesHelp)}
        <TextInput
          label={texts.reason}
          description={texts.reasonHelp}
          autoComplete="off"
          maxLength={300}
          {...form.getInputProps('reason')}
        />
      </FormBody>
      {/* Where the button was pressed. */}
      {done === '' ? null : <Notice icon="check" title={done} />}
    </Card>
  );
}
