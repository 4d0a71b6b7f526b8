import { applyDecorators } from '@nestjs/common';
import type { ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  registerDecorator,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { credentialIn } from '../../../kernel/credentials.js';
import { hiddenCharacterIn, readableLength } from '../../../kernel/plain-text.js';
import { bareRecord } from '../../../kernel/records.js';
import { DescribedMember } from './described.js';

/*
 * One decorator a member: what is checked and what OpenAPI says come of the same entry. For bodies, queries and answers.
 */

interface Common {
  /** Shown in OpenAPI: what it means, with its unit. */
  readonly description: string;
  readonly example?: unknown;
  readonly optional?: boolean;
  /** Answers only. */
  readonly nullable?: boolean;
}

interface Extent {
  readonly min?: number;
  readonly max: number;
}

type Class = new () => object;

// OpenAPI takes a function for a class to come only by the name `type`, hence `type: () => part()` below.

function member(common: Common, api: ApiPropertyOptions, checks: readonly PropertyDecorator[]): PropertyDecorator {
  const { description, example, optional = false, nullable = false } = common;
  return applyDecorators(
    DescribedMember(({ ApiProperty }) =>
      ApiProperty({
        ...api,
        description,
        required: !optional,
        ...(nullable ? { nullable } : {}),
        ...(example === undefined ? {} : { example }),
      } as ApiPropertyOptions),
    ),
    // Not IsOptional: to that null is left out as well, and what comes after does not expect one.
    ...(optional ? [ValidateIf((_, value) => value !== undefined)] : []),
    ...checks,
  );
}

export interface TextOptions extends Common, Extent {
  readonly pattern?: RegExp;
  /** What the pattern asks for, in words. */
  readonly patternDescription?: string;
  /** Never shown again: passwords, tokens. */
  readonly secret?: boolean;
  readonly format?: string;
  /** It stays in the journal: what looks like a credential is refused, characters that are not seen, and mere blanks. */
  readonly kept?: boolean;
}

/** A text of `min` (default 1) to `max` characters. */
export function TextField(options: TextOptions): PropertyDecorator {
  const { min = 1, max, pattern, patternDescription, secret = false, format, kept = false } = options;
  return member(
    options,
    {
      type: String,
      minLength: min,
      maxLength: max,
      ...(pattern === undefined ? {} : { pattern: pattern.source }),
      ...(secret ? { format: 'password', writeOnly: true } : format === undefined ? {} : { format }),
    },
    [
      IsString({ message: 'must be a text' }),
      MinLength(min, { message: min === 1 ? 'must not be empty' : `must have ${min} characters or more` }),
      MaxLength(max, { message: `must have at most ${max} characters` }),
      ...(pattern === undefined
        ? []
        : [Matches(pattern, { message: `must be ${patternDescription ?? String(pattern)}` })]),
      ...(kept ? [withoutCredential(), plain(), readable(min)] : []),
    ],
  );
}

/** One of a few words. */
export function ChoiceField(values: readonly string[], options: Common): PropertyDecorator {
  return member(options, { type: String, enum: [...values] }, [
    IsIn(values, { message: `must be one of ${values.join(', ')}` }),
  ]);
}

/** A whole number from `min` (default 0) to `max`; in a query its digits. */
export function WholeField(options: Common & Extent): PropertyDecorator {
  const { min = 0, max } = options;
  return member(options, { type: 'integer', minimum: min, maximum: max }, [
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
    ),
    IsInt({ message: 'must be a whole number' }),
    Min(min, { message: `must be ${min} or more` }),
    Max(max, { message: `must be ${max} or less` }),
  ]);
}

/** true or false; in a query the words. */
export function FlagField(options: Common): PropertyDecorator {
  return member(options, { type: Boolean }, [
    Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value)),
    IsBoolean({ message: 'must be true or false' }),
  ]);
}

/** A list of texts. */
export function TextsField(options: Common & Extent & { readonly each: number }): PropertyDecorator {
  const { min = 0, max, each } = options;
  return member(options, { type: [String], minItems: min, maxItems: max }, [
    IsArray({ message: 'must be a list' }),
    ArrayMinSize(min, { message: `must have ${min} entries or more` }),
    ArrayMaxSize(max, { message: `must have at most ${max} entries` }),
    IsString({ each: true, message: 'must hold texts only' }),
    MaxLength(each, { each: true, message: `must hold texts of at most ${each} characters` }),
  ]);
}

/** An object of its own class. */
export function PartField(part: () => Class, options: Common): PropertyDecorator {
  return member(options, { type: () => part() }, [
    IsObjectLike(),
    ValidateNested({ message: 'must be an object' }),
    Type(part),
  ]);
}

/** A list of objects of one class. */
export function PartsField(part: () => Class, options: Common & Extent): PropertyDecorator {
  const { min = 0, max } = options;
  return member(options, { type: () => part(), isArray: true, minItems: min, maxItems: max }, [
    IsArray({ message: 'must be a list' }),
    ArrayMinSize(min, { message: `must have ${min} entries or more` }),
    ArrayMaxSize(max, { message: `must have at most ${max} entries` }),
    ValidateNested({ each: true, message: 'must hold objects' }),
    Type(part),
  ]);
}

const KEY = /^[A-Za-z0-9_]{1,64}$/;

/** Names to texts, such as settings: at most `max` entries, names of letters, digits, underscore, values of `each`. */
export function RecordField(options: Common & { readonly max: number; readonly each: number }): PropertyDecorator {
  const { max, each } = options;
  return member(options, { type: 'object', additionalProperties: { type: 'string', maxLength: each } }, [
    // Its own entries as they came: class-transformer would make nothing of it.
    Transform(({ obj, key }: { obj: Readonly<Record<string, unknown>>; key: string }) => withoutPrototype(obj[key])),
    custom(
      'record',
      `must be an object of at most ${max} names, each of up to 64 letters, digits and underscores, with a text of at most ${each} characters`,
      (value) => isRecord(value, max, each),
    ),
  ]);
}

function withoutPrototype(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return bareRecord(Object.entries(value as Readonly<Record<string, unknown>>));
}

function isRecord(value: unknown, max: number, each: number): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  return (
    entries.length <= max &&
    entries.every(([name, text]) => KEY.test(name) && typeof text === 'string' && text.length <= each)
  );
}

/** For answers: any JSON value, described in words. */
export function AnyField(options: Common): PropertyDecorator {
  return member(options, { type: 'object', additionalProperties: true }, []);
}

function IsObjectLike(): PropertyDecorator {
  return custom(
    'object',
    'must be an object',
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  );
}

function withoutCredential(): PropertyDecorator {
  return custom(
    'kept',
    'must not hold a password, token or key: it stays in the journal for good',
    (value) => typeof value !== 'string' || credentialIn(value) === undefined,
  );
}

/** Blanks around a text are not kept: a line break at its end is none in it. */
function plain(): PropertyDecorator {
  return custom(
    'plain',
    'must be one line without control characters and without marks that turn the direction of text',
    (value) => typeof value !== 'string' || hiddenCharacterIn(value.trim()) === undefined,
  );
}

function readable(min: number): PropertyDecorator {
  return custom(
    'readable',
    min === 1 ? 'must not be blank' : `must have ${min} characters that can be read`,
    // what is shorter in any case is said once
    (value) => typeof value !== 'string' || value.length < min || readableLength(value) >= min,
  );
}

function custom(name: string, message: string, validate: (value: unknown) => boolean): PropertyDecorator {
  return (target, propertyName) => {
    registerDecorator({
      name,
      target: target.constructor,
      propertyName: String(propertyName),
      options: { message },
      validator: { validate },
    });
  };
}
