// What the files of render.h share: pieces of the JSON forms.

#pragma once

#include "eventlog/base/json_writer.h"
#include "eventlog/events/event.h"

#include <optional>
#include <string_view>

namespace slipway {

// A member that is null for a nil id: nobody, or no user.
inline void id_or_null(JsonWriter& json, std::string_view name, UserId id) {
    json.key(name);
    if (id.is_nil()) {
        json.null();
    } else {
        json.value(id);
    }
}

template <class T>
void value_or_null(JsonWriter& json, std::string_view name, const std::optional<T>& value) {
    json.key(name);
    if (value) {
        json.value(*value);
    } else {
        json.null();
    }
}

}  // namespace slipway
