//! What the handlers of `orders` share.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use contracts::{Item, Order, Status};
use rust_decimal::Decimal;
use uuid::Uuid;

/// An order that is there from the start, so that a new shop has something to show.
const FIRST_ORDER: Uuid = Uuid::from_u128(0x0b4e_7c1e_5d0a_4c57_9f2f_8a1d_3e6b_7c90);

/// What everything costs in this shop: 9.99.
const PRICE: Decimal = Decimal::from_parts(999, 0, 0, false, 2);

/// The state of the service; one for all requests.
#[derive(Debug)]
pub struct App {
    orders: RwLock<HashMap<Uuid, Order>>,
}

impl Default for App {
    fn default() -> Self {
        let item = Item {
            sku: "teapot".to_owned(),
            quantity: 1,
        };
        let order = order(FIRST_ORDER, "customer".to_owned(), vec![item]);
        Self {
            orders: RwLock::new(HashMap::from([(order.id, order)])),
        }
    }
}

impl App {
    /// The order with this id.
    pub fn order(&self, id: Uuid) -> Option<Order> {
        let orders = self.orders.read().unwrap_or_else(PoisonError::into_inner);
        orders.get(&id).cloned()
    }

    /// Keeps a new order.
    pub fn add_order(&self, customer: String, items: Vec<Item>) -> Order {
        let order = order(Uuid::new_v4(), customer, items);
        let mut orders = self.orders.write().unwrap_or_else(PoisonError::into_inner);
        orders.insert(order.id, order.clone());
        order
    }
}

fn order(id: Uuid, customer: String, items: Vec<Item>) -> Order {
    let total = items
        .iter()
        .map(|item| PRICE * Decimal::from(item.quantity))
        .sum();
    Order {
        id,
        customer,
        items,
        status: Status::Pending,
        total,
    }
}
