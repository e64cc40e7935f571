// SPDX-License-Identifier: Apache-2.0
#pragma once

// What calls need of gRPC, in one place: its headers cost seconds to compile.
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
