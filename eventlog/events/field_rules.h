// Rules for fields and structs of events that are not written as their type says. Each rule stands
// below its struct, as a specialization of one of these. Without a rule, the type of a field
// decides:
//
// * In bytes, empty text and empty lists are absent, and so are numbers that the struct has from
//   its default; an id and a struct must be there unless they are optional.
// * In JSON, every field must be there unless it is optional.
//
// Threads: no state. Errors: none.

#pragma once

#include <cstddef>

namespace slipway {

// Text that is in the bytes even when it is empty. Bytes without it are refused. Only what the
// first release wrote so: a new field needs no such rule.
template <auto Field>
inline constexpr bool kIsRequired = false;

// A field that its event was given after a release, and that is not optional: JSON of before does
// not have it, and then it keeps its default.
template <auto Field>
inline constexpr bool kIsAppended = false;

// Text that is absent from the bytes while it is the same as another field of its struct.
template <auto Field>
inline constexpr std::nullptr_t kSameAs = nullptr;

// A struct that is absent from the bytes while all its fields have their defaults.
template <class T>
inline constexpr bool kIsAbsentByDefault = false;

// An event whose wide fields come first in the bytes, to save padding: numbers of 8 bytes, ids,
// text and structs, numbers of 4 bytes and of 1. The fields of others are in their order.
template <class T>
inline constexpr bool kHasWideFieldsFirst = false;

}  // namespace slipway
