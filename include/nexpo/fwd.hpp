// SPDX-License-Identifier: Apache-2.0
#pragma once

/// @file
/// @brief Names of the main types, for headers that only mention them.

namespace nexpo::inline v1 {

class Api;
class ApiKeys;
class Auth;
class Backend;
class Call;
class Decimal;
class DynamicType;
class Events;
class Gateway;
class Jobs;
class JobTable;
class Json;
class OperationTable;
class Organizations;
class Queue;
class Read;
class Schedules;
class Secret;
class StructBuilder;
class StructType;
class Subscription;
class Transaction;
class Users;
class Webhooks;
struct Caller;
struct CallOptions;
struct Config;
struct Error;
struct Event;
struct JobOptions;
struct Money;
struct OperationInfo;
struct User;
struct ApiState;
struct BackendState;
template <class T>
class Patch;
template <class T>
struct Page;
template <class T>
class Result;

}  // namespace nexpo::inline v1
