// Visits the fields of a struct by name, in the order of their declaration. A struct is described
// once, by BOOST_DESCRIBE_STRUCT below it; the bytes and the JSON of events, snapshots,
// fingerprints and tests follow from that description. Code that stores structs refuses, at compile
// time, a description that leaves out a field: see described_whole.h.
//
// Threads: no state. Errors: none.

#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>

#include <string_view>
#include <type_traits>

namespace slipway {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

// A list of types, one for each field: its descriptor. `pointer` points to the member, and `name`
// is its name.
template <Described T>
using FieldsOf = boost::describe::describe_members<T, boost::describe::mod_public>;

// Calls `visit`, a function template, for the descriptor of each field of T.
template <Described T, class Visit>
constexpr void for_each_descriptor(Visit&& visit) {
    [&]<template <class...> class List, class... Field>(List<Field...>) {
        (visit.template operator()<Field>(), ...);
    }(FieldsOf<T>{});
}

// Calls `visit` with the name of each field of `value` and a reference to it.
template <class T, class Visit>
constexpr void for_each_field(T& value, Visit&& visit) {
    for_each_descriptor<std::remove_const_t<T>>(
        [&]<class Field>() { visit(std::string_view{Field::name}, value.*Field::pointer); });
}

}  // namespace slipway
