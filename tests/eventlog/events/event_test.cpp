#include "eventlog/events/event.h"

#include "eventlog/base/describe.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <type_traits>

namespace slipway {
namespace {

std::size_t rounded_up(std::size_t offset, std::size_t alignment) {
    return (offset + alignment - 1) / alignment * alignment;
}

template <class T>
struct IsVectorOfFields : std::false_type {};
template <Described T>
struct IsVectorOfFields<std::vector<T>> : std::true_type {
    using Element = T;
};

// A field that the description leaves out leaves a hole in the layout. (One as small as the padding
// in which it stands is not seen.)
template <Described T>
void expect_no_hole(const std::string& where) {
    T value;
    std::size_t end = 0;
    std::set<std::string_view> names;
    for_each_field(value, [&]<class F>(std::string_view name, const F& field) {
        const auto offset = static_cast<std::size_t>(reinterpret_cast<const char*>(&field) -
                                                     reinterpret_cast<const char*>(&value));
        const std::string field_name = where + "." + std::string{name};
        EXPECT_EQ(offset, rounded_up(end, alignof(F))) << "before " << field_name;
        EXPECT_TRUE(names.insert(name).second) << field_name << " is named twice";
        end = offset + sizeof(F);
        if constexpr (Described<F>) expect_no_hole<F>(field_name);
        if constexpr (IsVectorOfFields<F>::value) {
            expect_no_hole<typename IsVectorOfFields<F>::Element>(field_name);
        }
    });
    EXPECT_EQ(rounded_up(end, alignof(T)), sizeof(T)) << "at the end of " << where;
}

template <std::size_t I = 0>
void expect_no_hole_in_any() {
    if constexpr (I < std::variant_size_v<EventVariant>) {
        using Fact = std::variant_alternative_t<I, EventVariant>;
        expect_no_hole<Fact>(std::string{type_name(Event{std::in_place_index<I>})});
        expect_no_hole_in_any<I + 1>();
    }
}

TEST(Events, NameAllTheirFieldsInTheOrderOfDeclaration) {
    expect_no_hole_in_any();
    expect_no_hole<Actor>("Actor");
}

TEST(Events, BelongToTheStreamOfTheirObject) {
    const Uuid uuid{1, 2};
    EXPECT_EQ(stream_of(DeploymentHeld{.schedule = ScheduleId{uuid}}), uuid);
    EXPECT_EQ(stream_of(DeploymentDue{.deployment = DeploymentId{uuid}}), uuid);
    EXPECT_EQ(stream_of(AppArchived{AppId{uuid}}), uuid);
    EXPECT_EQ(stream_of(MemberRemoved{TeamId{uuid}, UserId{{3, 4}}}), uuid);
    EXPECT_TRUE(stream_of(DispatchArmed{}).is_nil());
}

}  // namespace
}  // namespace slipway
