//! Statements whose text is fixed, so that each is prepared once per connection.
//!
//! `diesel::sql_query` is prepared anew at every call, which costs a second round trip.

/// Declares a statement: fields are bound, in order, where the text has `{}`.
macro_rules! statement {
    (
        $(#[$doc:meta])*
        $name:ident<$life:lifetime> { $($field:ident: $rust:ty as $sql:ty),* $(,)? } -> $row:ty,
        $text:expr
    ) => {
        $(#[$doc])*
        struct $name<$life> {
            $($field: $rust,)*
        }

        impl diesel::query_builder::QueryId for $name<'_> {
            type QueryId = $name<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }

        impl diesel::query_builder::Query for $name<'_> {
            type SqlType = $row;
        }

        impl diesel::query_builder::QueryFragment<diesel::pg::Pg> for $name<'_> {
            fn walk_ast<'b>(
                &'b self,
                mut out: diesel::query_builder::AstPass<'_, 'b, diesel::pg::Pg>,
            ) -> diesel::QueryResult<()> {
                let mut parts = str::split($text, "{}");
                out.push_sql(parts.next().unwrap_or_default());
                $(
                    out.push_bind_param::<$sql, _>(&self.$field)?;
                    out.push_sql(parts.next().unwrap_or_default());
                )*
                debug_assert!(parts.next().is_none(), "a placeholder without a field");
                Ok(())
            }
        }
    };
}

pub(crate) use statement;
