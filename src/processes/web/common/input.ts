import { Body, Param, Query, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { DescribedMethod } from './described.js';
import { Problem, unprocessable, type FieldFault } from './problem.js';

type Class<T extends object> = new () => T;

/** A form as it came, with the faults of its members: for rules beyond them, to be answered together. */
export interface Given<T extends object> {
  readonly form: T;
  readonly faults: readonly FieldFault[];
}

/** Pipes that check what comes in; an argument without one does not start (boot-check.ts). */
export abstract class FormPipe<T extends object, R> implements PipeTransform<unknown, R> {
  constructor(private readonly dto: Class<T>) {}

  abstract transform(value: unknown): R;

  /** The form with its faults; members that the class does not name are faults. Throws a Problem 422 for what is no object. */
  protected read(value: unknown): Given<T> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw unprocessable([{ field: '', message: 'must be a JSON object' }]);
    }
    const made = plainToInstance(this.dto, { ...value });
    const errors = validateSync(made, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    });
    return { form: made, faults: errors.flatMap((error) => faultsOf(error, '')).slice(0, MAX_FAULTS) };
  }
}

/** Throws a Problem 422 with all faults at once. */
class InputPipe<T extends object> extends FormPipe<T, T> {
  transform(value: unknown): T {
    const { form, faults } = this.read(value);
    if (faults.length > 0) throw unprocessable(faults);
    return form;
  }
}

class GivenPipe<T extends object> extends FormPipe<T, Given<T>> {
  transform(value: unknown): Given<T> {
    return this.read(value);
  }
}

const MAX_FAULTS = 300;

function faultsOf(error: ValidationError, above: string): readonly FieldFault[] {
  const field = above === '' ? error.property : `${above}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([kind, message]) => ({
    field: field.slice(0, 200),
    message: kind === 'whitelistValidation' ? 'is unknown' : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => faultsOf(child, field))];
}

/** A part of the path: of `shape`, or there is no such thing (404). */
export class PathPipe implements PipeTransform<unknown, string> {
  constructor(
    private readonly name: string,
    private readonly shape: RegExp,
  ) {}

  transform(value: unknown): string {
    if (typeof value === 'string' && this.shape.test(value)) return value;
    throw new Problem({
      status: 404,
      code: 'NOT_FOUND',
      detail: `There is no such ${this.name}.`,
      remedy: 'Check the address; use names and ids from the lists.',
    });
  }
}

/** The JSON body, checked against a class with the decorators of fields.ts, and described in OpenAPI. */
export function Input(dto: Class<object>): ParameterDecorator {
  return onMethod(
    DescribedMethod(({ ApiBody }) => [ApiBody({ type: dto, required: true })]),
    Body(new InputPipe(dto)),
  );
}

/** The same with its faults, which the endpoint answers with its own: an argument of type `Given`. */
export function GivenInput(dto: Class<object>): ParameterDecorator {
  return onMethod(
    DescribedMethod(({ ApiBody }) => [ApiBody({ type: dto, required: true })]),
    Body(new GivenPipe(dto)),
  );
}

/** The query, as one object. */
export function QueryInput(dto: Class<object>): ParameterDecorator {
  return onMethod(
    DescribedMethod(({ ApiQuery }) => [ApiQuery({ type: dto })]),
    Query(new InputPipe(dto)),
  );
}

/** One part of the path by its name in the route. */
export function PathInput(name: string, shape: RegExp, description: string): ParameterDecorator {
  return onMethod(
    DescribedMethod(({ ApiParam }) => [
      ApiParam({ name, description, schema: { type: 'string', pattern: shape.source } }),
    ]),
    Param(name, new PathPipe(name, shape)),
  );
}

function onMethod(method: MethodDecorator, parameter: ParameterDecorator): ParameterDecorator {
  return (target, key, index) => {
    parameter(target, key, index);
    if (key === undefined) return;
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    if (descriptor !== undefined) method(target, key, descriptor);
  };
}
