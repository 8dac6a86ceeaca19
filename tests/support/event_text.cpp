#include "tests/support/event_text.h"

#include "eventlog/base/describe.h"

#include <type_traits>

namespace slipway {

namespace {

template <class T>
concept Named = requires(T value) {
    name_of(value);
};

class Writer {
  public:
    std::string take() { return std::move(out_); }

    void put(const std::string& value) { out_ += '"' + value + '"'; }
    void put(Instant value) { append_text(out_, value); }
    void put(LocalTime value) { append_text(out_, value); }
    void put(Uuid value) { append_base32(out_, value); }
    template <class Tag>
    void put(const Id<Tag>& value) {
        value.append_text(out_);
    }
    template <class Tag, class T>
    void put(const Strong<Tag, T>& value) {
        put(value.value);
    }
    template <class Rep, class Period>
    void put(const std::chrono::duration<Rep, Period>& value) {
        put(value.count());
    }
    template <class T>
    requires std::is_arithmetic_v<T>
    void put(T value) { out_ += std::to_string(value); }
    template <Named T>
    requires std::is_enum_v<T>
    void put(T value) { out_ += name_of(value); }
    template <class T>
    void put(const std::optional<T>& value) {
        if (value) {
            put(*value);
        } else {
            out_ += "none";
        }
    }
    template <class T>
    void put(const std::vector<T>& values) {
        out_ += '[';
        for (const auto& value : values) {
            put(value);
            out_ += ' ';
        }
        out_ += ']';
    }
    template <class K, class V>
    void put(const std::map<K, V>& values) {
        out_ += '[';
        for (const auto& [key, value] : values) {
            put(key);
            out_ += '=';
            put(value);
            out_ += ' ';
        }
        out_ += ']';
    }
    template <Described T>
    void put(const T& value) {
        out_ += '{';
        const char* separator = "";
        for_each_field(value, [&](std::string_view name, const auto& field) {
            out_ += separator;
            out_ += name;
            out_ += ": ";
            put(field);
            separator = ", ";
        });
        out_ += '}';
    }

  private:
    std::string out_;
};

}  // namespace

std::string event_text(const Event& event) {
    Writer writer;
    std::visit([&](const auto& one) { writer.put(one); }, event);
    return std::string{type_name(event)} + writer.take();
}

std::string event_text(const std::vector<Event>& events) {
    if (events.empty()) return "  nothing\n";
    std::string text;
    for (const Event& event : events) text += "  " + event_text(event) + "\n";
    return text;
}

}  // namespace slipway
