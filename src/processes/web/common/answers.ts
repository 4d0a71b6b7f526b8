import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import { ANSWER_KEY } from './access.js';
import { DescribedMethod } from './described.js';

type Class = new () => object;

export interface AnswerFacts {
  readonly status: number;
  /** One line for OpenAPI: what the endpoint does. */
  readonly does: string;
}

/** What a method answers when it succeeds: class of the body (null: none; in a list: a list of it). Every method has one. */
export function Answers(
  status: 200 | 201 | 202 | 204,
  body: Class | readonly [Class] | null,
  does: string,
): MethodDecorator {
  const shape = body === null ? {} : isClass(body) ? { type: body } : { type: body[0], isArray: true };
  return applyDecorators(
    HttpCode(status),
    SetMetadata(ANSWER_KEY, { status, does } satisfies AnswerFacts),
    DescribedMethod(({ ApiOperation, ApiResponse }) => [
      ApiOperation({ summary: does }),
      ApiResponse({ status, description: does, ...shape }),
    ]),
  );
}

/** For answers that are no JSON of a class: event streams, files, pages. */
export function AnswersWith(mediaType: string, does: string): MethodDecorator {
  const type = mediaType === 'application/json' ? 'object' : 'string';
  return applyDecorators(
    HttpCode(200),
    SetMetadata(ANSWER_KEY, { status: 200, does } satisfies AnswerFacts),
    DescribedMethod(({ ApiOperation, ApiResponse }) => [
      ApiOperation({ summary: does }),
      ApiResponse({ status: 200, description: does, content: { [mediaType]: { schema: { type } } } }),
    ]),
  );
}

function isClass(body: Class | readonly [Class]): body is Class {
  return typeof body === 'function';
}
