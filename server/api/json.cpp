#include "server/api/json.h"

#include <algorithm>
#include <unordered_set>

namespace slipway {

namespace {

// The keys of one object. Few are compared one by one, which is fast; many are not.
class Keys {
  public:
    // False if it is there already.
    bool add(const std::string& key) {
        if (few_.size() < kFew) {
            if (std::find(few_.begin(), few_.end(), key) != few_.end()) return false;
            few_.push_back(key);
            return true;
        }
        if (many_.empty()) many_.insert(few_.begin(), few_.end());
        return many_.insert(key).second;
    }
    std::size_t count() const { return std::max(few_.size(), many_.size()); }

  private:
    static constexpr std::size_t kFew = 24;

    std::vector<std::string> few_;
    std::unordered_set<std::string> many_;
};

// Feeds nlohmann's own builder of values, and stops at what it would let pass.
class StrictBuilder : public nlohmann::json_sax<Json> {
  public:
    explicit StrictBuilder(Json& root) : build_(root, false) {}

    const std::string& why() const { return why_; }

    bool null() override { return count() && build_.null(); }
    bool boolean(bool value) override { return count() && build_.boolean(value); }
    bool number_integer(number_integer_t value) override {
        return count() && build_.number_integer(value);
    }
    bool number_unsigned(number_unsigned_t value) override {
        return count() && build_.number_unsigned(value);
    }
    bool number_float(number_float_t value, const string_t& text) override {
        return count() && build_.number_float(value, text);
    }
    bool string(string_t& value) override { return count() && build_.string(value); }
    bool binary(binary_t& value) override { return count() && build_.binary(value); }
    bool start_object(std::size_t size) override {
        keys_.emplace_back();
        return enter() && build_.start_object(size);
    }
    bool key(string_t& name) override {
        if (keys_.back().count() >= kKeysMax) return refuse("an object has over 1000 members");
        if (!keys_.back().add(name)) {
            return refuse("the key " + in_quotes(name) + " stands twice in one object");
        }
        return build_.key(name);
    }
    bool end_object() override {
        keys_.pop_back();
        --depth_;
        return build_.end_object();
    }
    bool start_array(std::size_t size) override { return enter() && build_.start_array(size); }
    bool end_array() override {
        --depth_;
        return build_.end_array();
    }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override {
        return refuse("it stops being JSON at byte " + std::to_string(position));
    }

  private:
    static constexpr std::size_t kKeysMax = 1'000;

    bool count() {
        if (++values_ <= kJsonValuesMax) return true;
        return refuse("it has over " + std::to_string(kJsonValuesMax) + " values");
    }
    bool enter() {
        if (!count()) return false;
        if (++depth_ <= kJsonDepthMax) return true;
        return refuse("it is nested over " + std::to_string(kJsonDepthMax) + " deep");
    }
    bool refuse(std::string why) {
        if (why_.empty()) why_ = std::move(why);
        return false;
    }

    nlohmann::detail::json_sax_dom_parser<Json> build_;
    std::vector<Keys> keys_;
    std::size_t depth_ = 0;
    std::size_t values_ = 0;
    std::string why_;
};

}  // namespace

std::string alternatives(const std::vector<std::string_view>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

std::variant<Json, std::string> parse_json(std::string_view text) {
    Json value;
    StrictBuilder builder{value};
    if (!Json::sax_parse(text, &builder)) return builder.why();
    return value;
}

void lay_over(Json& target, const Json& patch) {
    if (!patch.is_object()) {
        target = patch;
        return;
    }
    if (!target.is_object()) target = Json::object();
    for (const auto& [name, value] : patch.items()) lay_over(target[name], value);
}

std::string describe(const Json& value) {
    switch (value.type()) {
        case Json::value_t::null:
            return "null";
        case Json::value_t::boolean:
            return value.get<bool>() ? "true" : "false";
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
        case Json::value_t::number_float:
            return value.dump();
        case Json::value_t::string:
            return "a string";
        case Json::value_t::array:
            return "an array";
        case Json::value_t::object:
            return "an object";
        default:
            return "something else";
    }
}

void add_error(std::vector<FieldError>& errors, FieldError error) {
    if (errors.size() < kFieldErrorsMax) errors.push_back(std::move(error));
}

Fields::Fields(const Json& object, std::string at, std::vector<FieldError>& errors)
    : object_(object), at_(std::move(at)), errors_(errors) {
    if (!object_.is_object()) {
        add_error(errors_, {at_, RejectionCode::invalid_field,
                            "is " + describe(object_) + "; an object is needed"});
    }
}

std::string Fields::pointer(std::string_view name) const {
    return at_ + "/" + pointer_segment(name);
}

void Fields::fail(std::string_view name, std::string detail) {
    add_error(errors_, {pointer(name), RejectionCode::invalid_field, std::move(detail)});
}

void Fields::fail_absent(std::string_view name, std::string_view accepted) {
    fail(name, "is missing; " + std::string{accepted} + " is needed");
}

void Fields::fail_choice(std::string_view name, std::string_view found,
                         const std::vector<std::string_view>& accepted) {
    fail(name, "is " + in_quotes(found) + "; " + alternatives(accepted) + " is accepted");
}

const Json* Fields::member(std::string_view name) {
    asked_.push_back(name);
    if (!object_.is_object()) return nullptr;
    const auto at = object_.find(name);
    if (at == object_.end() || at->is_null()) return nullptr;
    return &*at;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t min,
                                            std::int64_t max) {
    const Json* const value = member(name);
    if (value == nullptr) return std::nullopt;
    const std::string range = "; a whole number from " + std::to_string(min) + " to " +
                              std::to_string(max) + " is accepted";
    // Neither 2027.0 nor true nor "2027" is a whole number here; nor may a large one wrap.
    const bool whole = value->is_number_integer();
    const bool huge = value->is_number_unsigned() &&
                      value->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    const std::int64_t number = whole && !huge ? value->get<std::int64_t>() : 0;
    if (!whole || huge || number < min || number > max) {
        fail(name, "is " + describe(*value) + range);
        return std::nullopt;
    }
    return number;
}

std::optional<std::uint32_t> Fields::number(std::string_view name) {
    const auto value = integer(name, 0, UINT32_MAX);
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::string> Fields::text(std::string_view name) {
    const Json* const value = member(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
        // Not which: it may be a secret without its quotes.
        const std::string found = value->is_number() ? "a number" : describe(*value);
        fail(name, "is " + found + "; a string is accepted");
        return std::nullopt;
    }
    return value->get<std::string>();
}

std::optional<bool> Fields::boolean(std::string_view name) {
    const Json* const value = member(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) {
        fail(name, "is " + describe(*value) + "; true or false is accepted");
        return std::nullopt;
    }
    return value->get<bool>();
}

std::optional<std::map<std::string, std::string>> Fields::texts(std::string_view name) {
    const Json* const value = member(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) {
        fail(name, "is " + describe(*value) + "; an object of strings is accepted");
        return std::nullopt;
    }
    std::map<std::string, std::string> texts;
    Fields inside{*value, pointer(name), errors_};
    for (const auto& [key, text] : value->items()) {
        if (auto found = inside.text(key)) texts.emplace(key, std::move(*found));
    }
    return texts;
}

std::optional<Fields> Fields::object(std::string_view name) {
    const Json* const value = member(name);
    if (value == nullptr) return std::nullopt;
    return Fields{*value, pointer(name), errors_};
}

const Json* Fields::array(std::string_view name) {
    const Json* const value = member(name);
    if (value == nullptr) return nullptr;
    if (!value->is_array()) {
        fail(name, "is " + describe(*value) + "; an array is accepted");
    } else if (value->size() > kJsonElementsMax) {
        fail(name, "has " + std::to_string(value->size()) + " elements; at most " +
                       std::to_string(kJsonElementsMax));
    } else {
        return value;
    }
    return nullptr;
}

std::int64_t Fields::required_integer(std::string_view name, std::int64_t min, std::int64_t max) {
    if (member(name) == nullptr) {
        fail_absent(name,
                    "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return min;
    }
    return integer(name, min, max).value_or(min);
}

void Fields::finish() {
    if (!object_.is_object()) return;
    for (const auto& [name, value] : object_.items()) {
        if (std::find(asked_.begin(), asked_.end(), name) != asked_.end()) continue;
        fail(name, "is not a field that is known here");
    }
}

}  // namespace slipway
