import type { ReactElement } from 'react';
import type { components } from '../../generated/api.js';
import { capital } from '../../lib/format.js';
import { EventLink } from '../../parts/event-link.js';
import { endText, remedyText, stageText, valuesText } from './text.js';

/** A rule in plain words with its values; its name opens the event that has them. */
export function Rule({
  of,
  stage = true,
}: {
  readonly of: components['schemas']['DecisionStepAnswer'];
  readonly stage?: boolean;
}): ReactElement {
  const text = capital(endText(of));
  const values = valuesText(of.figures);
  const remedy = remedyText(of.code);
  return (
    <>
      {stage ? `${stageText(of.stage)}: ` : ''}
      {of.eventId === null ? text : <EventLink id={of.eventId} type={text} />}
      {values === '' ? null : <span className="dim num">: {values}</span>}
      {remedy === '' ? null : <span className="dim">. {remedy}</span>}
    </>
  );
}
